/** `npm run -s power-cuts`: cuts the power of a simulated token at every moment that matters, and asks what it still knows. */
import { command } from './command.js';

process.exitCode = await command(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
