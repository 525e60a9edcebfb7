/** `npm run -s simulate`: whole towns in virtual time. */
import { randomInt } from 'node:crypto';
import { command } from './command.js';
import { SEED_LIMIT } from './random.js';

const output = {
  out: (text: string) => process.stdout.write(text),
  error: (text: string) => process.stderr.write(text),
};
process.exitCode = await command(process.argv.slice(2), output, () => randomInt(SEED_LIMIT));
