/** `npm run -s bench [-- --json]`: rates, each with its ratio to a baseline measured in the same run, which has 1.00. */
import { measure } from './measure.js';
import { bareHmac, signatureChecks, subjects } from './subjects.js';

const ROUNDS = 7;

const now = (): number => performance.now() / 1000;
const { ours, theirs } = signatureChecks();
const rates = [...measure(subjects(), bareHmac, ROUNDS, now), ...measure([ours], theirs, ROUNDS, now)];
if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ baseline: bareHmac.name, rounds: ROUNDS, rates })}\n`);
} else {
  for (const { name, perSecond, ofBaseline } of rates) {
    process.stdout.write(
      `${Math.round(perSecond).toString().padStart(9)} /s  ${ofBaseline.toFixed(2).padStart(5)} x  ${name}\n`,
    );
  }
}
