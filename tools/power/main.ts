/** `npm run -s schedule`: when a token's radio is on, and why. */
import { command } from './command.js';

process.exitCode = command(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
