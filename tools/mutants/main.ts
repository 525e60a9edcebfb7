/** `npm run -s mutants`: do the tests find bugs? */
import { command } from './command.js';

process.exitCode = await command(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
