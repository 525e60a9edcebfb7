/** What the record format costs in score: the same contacts scored from every sighting, and from their records. */
import { describe, expect, it } from 'vitest';
import { concat, u32 } from '../../device/bytes.js';
import { createNeighbours } from '../../device/log/neighbours.js';
import { encodeRecord } from '../../device/log/record.js';
import { time16 } from '../../device/robert/time.js';
import { expand } from '../../host/backend/gateway/expand.js';
import { decodeBatch } from '../../host/backend/gateway/record.js';
import {
  DEFAULT_SCORING,
  type Reception,
  type ScoringParameters,
  scoreContact,
} from '../../host/backend/robert/scoring.js';
import { chance } from '../support/chance.js';
import { contactsOf } from '../support/contacts.js';

const START = 3_981_398_400;
const CONTACTS = 5000;

interface Simulated {
  sightings: Reception[];
  record: Uint8Array;
  fromRecord: Reception[];
}

/** A contact of 1 to 15 minutes: a distance that wanders, Rayleigh-like fading of mean 1, half of the adverts lost. */
function simulate(draw: () => number): Simulated {
  const begin = START + 5 + Math.floor(draw() * 60);
  const length = Math.min(60 + draw() * 880, 885);
  const skew = Math.round((draw() - 0.5) * 16);
  const every = draw() < 0.5 ? 12 : 6;
  let mean = -38 - draw() * 34;
  const neighbours = createNeighbours(4);
  const sightings: Reception[] = [];
  const key = Uint8Array.from({ length: 9 }, () => Math.floor(draw() * 256));
  for (let t = begin; t < begin + length; t += every * (0.75 + draw() * 0.5)) {
    mean = Math.max(-76, Math.min(-36, mean + (draw() - 0.5) * 3));
    if (draw() < 0.5) continue;
    const fading = 10 * Math.log10(0.25 - 0.75 * Math.log(1 - draw() * 0.999));
    const rssi = Math.round(mean + fading);
    const at = Math.floor(t);
    if (at - (sightings[sightings.length - 1]?.received ?? 0) < 5) continue;
    sightings.push({ received: at, rssi });
    const built = at + skew - Math.floor(draw() * 15);
    neighbours.hear({ key, time16: time16(built), mac: new Uint8Array(5), rssi, at });
  }
  const contacts = contactsOf(neighbours, START + 2000);
  if (contacts.length === 0) return { sightings, record: new Uint8Array(0), fromRecord: [] };
  const records = contacts.map((contact) => encodeRecord(contact, START));
  const head = concat([u32(START), new Uint8Array([1, 2, records.length])]);
  const size = concat([head, ...records]).length;
  const batch = decodeBatch(concat([head, ...records, new Uint8Array((4 - (size % 4)) % 4)]));
  if (typeof batch === 'string') throw new Error(batch);
  const { contacts: expanded } = expand([batch], [], { from: 0, until: 2 ** 32 });
  const fromRecord = expanded.flatMap(({ hellos }) => hellos.map(({ received, rssi }) => ({ received, rssi })));
  return { sightings, record: records[0] as Uint8Array, fromRecord };
}

/** Parameters that a health authority might choose, and the error allowed to a sum of ten contacts. */
const TUNED: [string, number, Partial<ScoringParameters>][] = [
  ['the reference parameters', 0.005, {}],
  ['a farther zero', 0.005, { p0: -70 }],
  ['a nearer zero', 0.007, { p0: -60 }],
  ['steeper deltas', 0.005, { deltas: [30, 20, 17, 15, 14, 11] }],
  ['milder averaging of risks', 0.006, { softMaxB: 0.1 }],
];

const quantile = (values: number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * share)] as number;

describe('a record of the log', () => {
  const draw = chance(20260302);
  const contacts = Array.from({ length: CONTACTS }, () => simulate(draw)).filter(({ record }) => record.length > 0);

  it.each(
    TUNED,
  )('keeps the score to max(1 %%, 0.1 point), and sums of ten, in 99 %% under %s', (_name, share, tuned) => {
    const parameters = { ...DEFAULT_SCORING, ...tuned };
    const excess: number[] = [];
    const sums: number[] = [];
    let truth = 0;
    let kept = 0;
    contacts.forEach((contact, i) => {
      const full = scoreContact(contact.sightings, parameters)?.score ?? 0;
      const ours = scoreContact(contact.fromRecord, parameters)?.score ?? 0;
      excess.push(Math.abs(ours - full) - Math.max(0.01 * full, 0.1));
      truth += full;
      kept += ours;
      if (i % 10 === 9) {
        // A twentieth of a point is 0.3 % of the threshold: what a sum of faint contacts may be off by.
        sums.push(Math.abs(kept - truth) - Math.max(share * truth, 0.05));
        truth = 0;
        kept = 0;
      }
    });
    expect(quantile(excess, 0.99)).toBeLessThanOrEqual(0);
    expect(quantile(sums, 0.99)).toBeLessThanOrEqual(0);
  });

  it('takes at most 48 bytes for 15 minutes', () => {
    const sizes = contacts.map(({ record }) => record.length);
    // A fourth proof, seven bytes more, is for EBIDs heard so rarely that three do not reach over 15 minutes.
    expect(quantile(sizes, 0.999)).toBeLessThanOrEqual(48);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(55);
    const longest = contacts.filter(
      ({ sightings: s }) => (s[s.length - 1]?.received ?? 0) - (s[0]?.received ?? 0) > 860,
    );
    expect(longest.length).toBeGreaterThan(20);
  });
});
