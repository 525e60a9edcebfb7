import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, type Value } from '../../device/link/cbor.js';
import { nodeRandom } from '../../host/crypto.js';
import { splitBatches } from '../../host/kiosk/batches.js';
import { BUCKETS, dummyEnvelope, envelope } from '../../host/kiosk/envelope.js';
import { batch, batches } from './support.js';

const encs = new Uint8Array(32).fill(1);
const header = new Uint8Array(96).fill(2);

describe('the envelope of an upload', () => {
  it('is a bucket to the last byte, whatever the report weighs', () => {
    const weigh = fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.integer({ min: 261_000, max: 262_200 }));
    fc.assert(
      fc.property(weigh, fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme-ascii' }), (bytes, code) => {
        const body = envelope({ code, encs, header, batches: [new Uint8Array(bytes)] });
        const fields = decode(body) as Value[];
        expect(BUCKETS).toContain(body.length);
        expect(fields.slice(0, 4)).toEqual([1, code, encs, header]);
        expect((fields[4] as Uint8Array[])[0]).toHaveLength(bytes);
        expect(fields).toHaveLength(6);
      }),
      { numRuns: 200 },
    );
  });

  it('finds a size at every seam of the padding’s announcement', () => {
    const bare = envelope({ code: 'A', encs, header, batches: [new Uint8Array(70_000)] });
    const padding = ((decode(bare) as Value[])[5] as Uint8Array).length;
    const fill = 70_000 + padding + 5;
    for (let spare = 0; spare < 300; spare++) {
      const body = envelope({ code: 'A', encs, header, batches: [new Uint8Array(fill - spare)] });
      expect(BUCKETS).toContain(body.length);
    }
  });

  it('refuses what no bucket holds', () => {
    expect(() => envelope({ code: 'A', encs, header, batches: [new Uint8Array(2_097_152)] })).toThrow(
      'request-too-large',
    );
  });

  it('makes dummies that look like a small report and differ each time', () => {
    const [first, second] = [dummyEnvelope(nodeRandom), dummyEnvelope(nodeRandom)];
    expect(first).toHaveLength(BUCKETS[0] as number);
    expect(second).toHaveLength(BUCKETS[0] as number);
    const [version, code, dummyEnc, dummyHeader, none] = decode(first) as Value[];
    expect([version, code, none]).toEqual([1, '', []]);
    expect(dummyEnc).toHaveLength(32);
    expect(dummyHeader).toHaveLength(96);
    expect(decode(second)).not.toEqual(decode(first));
  });
});

describe('travelling batches', () => {
  it('are cut apart as they were put together', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 20 }), (lengths) => {
        const parts = lengths.map((length, index) => batch(index * 3, length));
        const whole = new Uint8Array(Buffer.concat(parts));
        expect(splitBatches(whole).map(({ sealed }) => sealed)).toEqual(parts);
        expect(splitBatches(whole).map(({ index }) => index)).toEqual(parts.map((_, index) => index * 3));
      }),
    );
  });

  it('never give anything but batches or a refusal from hostile bytes', () => {
    const real = batches(0, 5);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: real.length - 1 }), (noise, at) => {
        const mutated = new Uint8Array(real);
        mutated.set(noise.subarray(0, real.length - at), at);
        for (const bytes of [noise, mutated]) {
          try {
            expect(new Uint8Array(Buffer.concat(splitBatches(bytes).map(({ sealed }) => sealed)))).toEqual(bytes);
          } catch (error) {
            expect(error).toMatchObject({ code: 'report-malformed' });
          }
        }
      }),
    );
  });
});
