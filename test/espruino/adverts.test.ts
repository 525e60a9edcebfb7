/**
 * What a board on the real interpreter says in more than 24 epochs: identifier and address change together, nothing links
 * two of them, and listening goes on.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAdvert } from '../../device/robert/advert.js';
import { isHelloAuthentic, parseHello } from '../../device/robert/hello.js';
import { unixOfNtp } from '../../device/robert/time.js';
import { SCHEDULE } from '../../device/token/tracing.js';
import { nodeDigest } from '../../host/crypto.js';
import { identifierOf, K_AUTH, SERVICE_START, START } from '../support/fleet.js';
import { ESPRUINO } from './support/interpreter.js';
import { live, settledPages } from './support/settled.js';
import { type Emission, type SteppedToken, steppedBoard, steppedTwin } from './support/stepped.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 600_000 });

const EPOCH = 900;
const DAY = 86_400;
const BEGIN = START + 9 * 3600 + 300;
const CHANGES = 24;
const MILLISECONDS = (CHANGES + 1) * EPOCH * 1000;
const ADVERT_MAX = 31;
/** A step ends at the whole millisecond after what happened in it. */
const TICK = 0.002;
const WINDOW = SCHEDULE.window;
/** From window to window, seconds, at most: the mean and a quarter of it. */
const WINDOW_GAP = 1.25 * SCHEDULE.scan;
const HELLO_AGE = 15;

/** One advert; `at`: NTP seconds. */
interface Said {
  at: number;
  address: string;
  payload: Uint8Array;
  connectable: boolean;
  identifier: string;
  hello: Uint8Array;
}

const ntpOf = ({ at }: { at: number }): number => BEGIN + at / 1000;

/** When an open window was closed for a change of the address, and opened again after it; NTP seconds. */
function interruptions(emissions: Emission[]): number[] {
  const times: number[] = [];
  emissions.forEach((emission, i) => {
    const [before, after] = [emissions[i - 1], emissions[i + 1]];
    if (emission.kind !== 'advert' || before === undefined || after === undefined) return;
    if (before.kind === 'unscan' && after.kind === 'scan' && after.at === before.at) times.push(ntpOf(emission));
  });
  return times;
}

/** Whether a window of the simulated board is open while it goes on air under a new address. */
function opensAcross(emissions: Emission[]): boolean {
  let isOpen = false;
  let address = '';
  return emissions.some((emission) => {
    if (emission.kind === 'scan') isOpen = true;
    if (emission.kind === 'unscan') isOpen = false;
    if (emission.kind !== 'advert') return false;
    const isNew = emission.address !== address;
    address = emission.address;
    return isNew && isOpen;
  });
}

/** Randomness under which a window is open at some change: what the simulated board does, the interpreter does. */
async function tellingSeed(pages: Uint8Array): Promise<number> {
  for (let seed = 1; ; seed += 2) {
    const twin = steppedTwin(seed, unixOfNtp(BEGIN), pages);
    const emissions = await live(twin, MILLISECONDS);
    await twin.close();
    if (opensAcross(emissions)) return seed;
  }
}

describe.skipIf(ESPRUINO === undefined)('the adverts of 24 changes', () => {
  let board: SteppedToken;
  let emissions: Emission[];
  let said: Said[];
  /** Adverts from one silence to the next. */
  let stays: Said[][];

  beforeAll(async () => {
    const pages = await settledPages(BEGIN);
    const seed = await tellingSeed(pages);
    process.stdout.write(`seed ${seed}\n`);
    board = await steppedBoard(seed, unixOfNtp(BEGIN), pages);
    emissions = await live(board, MILLISECONDS);
    said = emissions.flatMap((emission) => {
      if (emission.kind !== 'advert') return [];
      const payload = new Uint8Array(Buffer.from(emission.payload, 'hex'));
      const hello = parseAdvert(payload)?.hello as Uint8Array;
      const identifier = Buffer.from(hello.subarray(0, 9)).toString('hex');
      return [{ ...emission, at: ntpOf(emission), payload, identifier, hello }];
    });
    stays = [];
    let from = Number.NEGATIVE_INFINITY;
    for (const emission of [...emissions.filter(({ kind }) => kind === 'silent'), { at: MILLISECONDS }]) {
      const stay = said.filter(({ at }) => at > from && at <= ntpOf(emission));
      if (stay.length > 0) stays.push(stay);
      from = ntpOf(emission);
    }
  });

  afterAll(() => board?.close());

  it('come in stays between silences, at least 25 of them', () => {
    expect(stays.length).toBeGreaterThan(CHANGES);
  });

  it('change identifier and address together: one of each in a stay, and never one of an earlier stay', () => {
    for (const stay of stays) {
      expect(new Set(stay.map(({ address }) => address)).size).toBe(1);
      expect(new Set(stay.map(({ identifier }) => identifier)).size).toBe(1);
    }
    for (const what of ['address', 'identifier'] as const) {
      expect(new Set(said.map((advert) => advert[what])).size).toBe(stays.length);
    }
  });

  it('use each identifier in its own epoch only', () => {
    for (const { at, identifier } of said) {
      const epoch = Math.floor((at - SERVICE_START) / EPOCH) % (DAY / EPOCH);
      const [ecc, ebid] = [
        identifierOf(Math.floor(at / DAY), epoch).slice(8),
        identifierOf(Math.floor(at / DAY), epoch),
      ];
      expect(identifier).toBe(Buffer.from([...ecc, ...ebid.subarray(0, 8)]).toString('hex'));
    }
  });

  it('pause: the next identifier begins 1 to 10 s after its epoch, and none is on air for more than 890 s', () => {
    const silences = emissions.filter(({ kind }) => kind === 'silent').map(ntpOf);
    stays.slice(1).forEach((stay, i) => {
      const [first, before] = [stay[0] as Said, stays[i] as Said[]];
      const intoEpoch = (first.at - SERVICE_START) % EPOCH;
      expect(intoEpoch).toBeGreaterThanOrEqual(1);
      expect(intoEpoch).toBeLessThanOrEqual(10 + TICK);
      const silentFrom = silences.find((at) => at > (before.at(-1) as Said).at) as number;
      expect(first.at - silentFrom).toBeGreaterThanOrEqual(1 - TICK);
      expect(silentFrom - (before[0] as Said).at).toBeLessThanOrEqual(890 + TICK);
    });
  });

  it('are at most 31 bytes that nobody can connect to', () => {
    for (const { payload, connectable } of said) {
      expect(payload.length).toBeLessThanOrEqual(ADVERT_MAX);
      expect(connectable).toBe(false);
    }
  });

  it('carry an authentic HELLO that is never older than 15 s', () => {
    for (const stay of stays) {
      stay.forEach(({ at, hello }, i) => {
        expect(isHelloAuthentic(nodeDigest, K_AUTH, hello)).toBe(true);
        // The clock was set at the counter, by half of what the visit took: to the second.
        const age = ((Math.floor(at) & 0xffff) - (parseHello(hello)?.time16 ?? 0) + 0x10000) % 0x10000;
        expect(age).toBeLessThanOrEqual(1);
        const next = stay[i + 1];
        if (next) expect(next.at - at).toBeLessThanOrEqual(HELLO_AGE + TICK);
      });
    }
  });

  it('leave the windows as they are: a new one in time, each as long as it should be', () => {
    const starts: number[] = [];
    let open = Number.NaN;
    let listened = 0;
    const cuts = interruptions(emissions);
    expect(cuts.length).toBeGreaterThan(0);
    for (const emission of emissions) {
      const at = ntpOf(emission);
      const isCut = cuts.includes(at);
      if (emission.kind === 'scan') {
        if (!isCut) {
          starts.push(at);
          listened = 0;
        }
        open = at;
      } else if (emission.kind === 'unscan') {
        listened += at - open;
        if (!isCut) expect(Math.abs(listened - WINDOW)).toBeLessThan(2 * TICK);
      }
    }
    starts.slice(1).forEach((at, i) => {
      expect(at - (starts[i] as number)).toBeLessThanOrEqual(WINDOW_GAP + TICK);
    });
  });
});
