/** Noise on the serial line during a whole visit: the session goes on. Real processes, real pseudo-terminals. */
import './patience.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { House } from './house.js';
import { settledLedger } from './ledger.js';
import { NoisyLine } from './noisy-line.js';
import { makeTemplate, POSITIVE, type Template } from './template.js';

const SEEDS = process.env.GALET_SEED ? [Number(process.env.GALET_SEED)] : [1, 2];

let template: Template;

beforeAll(async () => {
  template = await makeTemplate();
});
afterAll(() => template.remove());

describe('random bytes, half frames, bit errors and console noise on the line', () => {
  it.each(SEEDS)('do not stop a visit with a report (seed %i)', async (seed) => {
    const house = await House.running({ from: template.folder });
    let line: NoisyLine | undefined;
    try {
      const { port } = await house.startToken(house.file(POSITIVE));
      line = await NoisyLine.open(port, seed);
      expect(await house.sync(line.path)).toMatchObject({ code: 0, json: { life: 'tracing' } });
      const code = await house.issueCode();
      expect((await house.report(line.path, code)).json).toEqual({ outcome: 'delivered', batches: 4 });
      const { injected } = line;
      process.stdout.write(`noise, seed ${seed}: ${JSON.stringify(injected)}\n`);
      expect(injected.console + injected.random + injected['half a frame']).toBeGreaterThan(2);
      await house.backend?.kill();
      expect(await settledLedger(house.backendDir)).toMatchObject({ exposures: 4, doubleEpochs: 0, receipts: 1 });
    } finally {
      await line?.close();
      await house.close();
    }
  });
});
