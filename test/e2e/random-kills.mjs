/** `npm run -s e2e:random -- --points 200 [--seed S]`: kills at random moments; prints the seed that repeats them. */
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { points: { type: 'string', default: '200' }, seed: { type: 'string' } } });
const seed = values.seed ?? String(Math.floor(Math.random() * 0x1_0000_0000));
const env = { ...process.env, GALET_RANDOM_KILLS: values.points, GALET_SEED: seed };
const vitest = 'node_modules/vitest/vitest.mjs';
const child = spawn(process.execPath, [vitest, 'run', 'test/e2e/random.test.ts'], { stdio: 'inherit', env });
child.once('close', (code) => {
  process.stdout.write(`seed ${seed}\n`);
  process.exitCode = code ?? 1;
});
