/**
 * A week on the air, byte by byte: every command that a token's real radio gives its controller, and what somebody else's scanner
 * hears of it meanwhile. The epochs are shortened by the test's clock alone.
 */
import '../e2e/patience.js';
import { describe, expect, it } from 'vitest';
import { type EmulatedAir, startAir, whyNoAir } from '../../tools/air/btvirt.js';
import { chance } from '../support/chance.js';
import { K_AUTH, SERVICE_START, START } from '../support/fleet.js';
import { ADV_NONCONN_IND, Peer } from './peer.js';
import { Station } from './station.js';
import { macOf, phoneParse } from './stopcovid.js';

const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

const SEED = Number(process.env.GALET_SEED ?? Date.now() % 100_000);
const EPOCH = 900;
const ROTATIONS = 672;
const TX_GAIN = -15;
/** Robert's layout: flags, list of services, service data. The HELLO follows, then a version and the gain. */
const HEAD = '020106030364fd151664fd';
const TAIL = Buffer.from([2, TX_GAIN & 0xff]).toString('hex');
const COMMANDS = { address: 0x2005, parameters: 0x2006, data: 0x2008, enable: 0x200a };

/** What is on the air from some moment on; undefined: nothing. */
interface OnAir {
  at: number;
  advert: { address: string; type: number; data: Buffer } | undefined;
}

/** A controller as the Core Specification has it, which is told the commands that passed. */
class Witness {
  readonly states: OnAir[] = [];
  readonly offences: string[] = [];
  private address = '';
  private type = -1;
  private data: Buffer = Buffer.alloc(0);
  private isOn = false;

  readonly hear = (packet: Buffer, at: number): void => {
    const opcode = packet.readUInt16LE(1);
    if (opcode === COMMANDS.address) {
      if (this.isOn) this.offences.push(`${at}: another address while it is on the air`);
      this.address = Buffer.from(packet.subarray(4, 10)).reverse().toString('hex');
    }
    if (opcode === COMMANDS.parameters) {
      if (this.isOn) this.offences.push(`${at}: other parameters while it is on the air`);
      this.type = packet.readUInt8(8);
      if (packet[9] !== 1) this.offences.push(`${at}: not the random address`);
    }
    if (opcode === COMMANDS.data) this.data = Buffer.from(packet.subarray(5, 5 + packet.readUInt8(4)));
    if (opcode === COMMANDS.enable) this.isOn = packet[4] === 1;
    if (opcode !== COMMANDS.enable && !(opcode === COMMANDS.data && this.isOn)) return;
    const { address, type, data } = this;
    this.states.push({ at, advert: this.isOn ? { address, type, data } : undefined });
  };
}

/** Each key has one value, and each value one key. */
class Pairs {
  private readonly there = new Map<string, string>();
  private readonly back = new Map<string, string>();
  readonly broken: string[] = [];

  add(key: string, value: string): void {
    const [known, knownKey] = [this.there.get(key) ?? value, this.back.get(value) ?? key];
    if (known !== value || knownKey !== key) this.broken.push(`${key} with ${value}`);
    this.there.set(key, value);
    this.back.set(value, key);
  }

  get size(): number {
    return this.there.size;
  }
}

describe.skipIf(missing !== undefined)('what a token says on the air', () => {
  it(`in ${ROTATIONS} rotations: the bytes of StopCovid, no identifier with two addresses, no trace (R18, R19, R20)`, async () => {
    console.log(`seed ${SEED}`);
    const draw = chance(SEED);
    const witness = new Witness();
    let air: EmulatedAir | undefined;
    let station: Station | undefined;
    let scanner: Peer | undefined;
    const seen = new Pairs();
    const scanned = new Set<string>();
    try {
      air = await startAir();
      scanner = await Peer.plug(air);
      scanner.onReport = ({ address, data, type, isRandom }) => {
        expect({ type, isRandom }).toEqual({ type: ADV_NONCONN_IND, isRandom: true });
        scanned.add(data.toString('hex'));
        seen.add(address, data.subarray(12, 20).toString('hex'));
      };
      await scanner.scan();
      const options = { seed: SEED, start: START, txGain: TX_GAIN, onCommand: witness.hear };
      station = await Station.plug(air, options);
      let nextLook = 0;
      const listener = scanner;
      const token = station;
      await station.pass((ROTATIONS + 1) * EPOCH, () => {
        // The scanner hears whoever comes on the air; a new look shows what has been changed meanwhile.
        if (token.timeline.now() < nextLook) return;
        nextLook = token.timeline.now() + 600 * draw();
        return listener.scan();
      });
      await station.settle();
    } finally {
      station?.close();
      scanner?.close();
      await air?.close();
    }
    expect(station.troubles).toEqual([]);
    expect(witness.offences).toEqual([]);

    const pairs = new Pairs();
    const said: { at: number; first: Buffer; last: Buffer; address: string }[] = [];
    const gaps: number[] = [];
    let silentSince = 0;
    for (const { at, advert } of witness.states) {
      if (advert === undefined) {
        silentSince = at;
        continue;
      }
      const hello = phoneParse(advert.data);
      expect(advert.data.toString('hex')).toBe(`${HEAD}${advert.data.subarray(11, 27).toString('hex')}${TAIL}`);
      expect(advert.type).toBe(ADV_NONCONN_IND);
      expect(Number.parseInt(advert.address.slice(0, 2), 16)).toBeLessThan(0x40);
      expect(hello?.mac.equals(macOf(K_AUTH, hello.first11))).toBe(true);
      // The second in which the HELLO was made, or the one before when the controller came to it a step later.
      expect([0, 1]).toContain((Math.floor(at) - (hello?.time16 ?? 0)) & 0xffff);
      pairs.add(advert.address, hello?.ebid.toString('hex') ?? '');
      const newest = said.at(-1);
      if (newest?.address === advert.address) newest.last = advert.data;
      else {
        if (newest !== undefined) {
          gaps.push(at - silentSince);
          expect(Math.floor((at - SERVICE_START) / EPOCH)).toBe(Math.floor((newest.at - SERVICE_START) / EPOCH) + 1);
        }
        said.push({ at, first: advert.data, last: advert.data, address: advert.address });
      }
    }
    expect(pairs.broken).toEqual([]);
    expect(said.length - 1).toBeGreaterThanOrEqual(ROTATIONS);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1);

    // What came out at the other end of the air is that, and nothing else.
    expect(seen.broken).toEqual([]);
    expect(seen.size).toBe(said.length);
    const told = new Set(witness.states.map(({ advert }) => advert?.data.toString('hex')));
    expect([...scanned].filter((data) => !told.has(data))).toEqual([]);
    console.log(`${said.length - 1} rotations, ${scanned.size} adverts heard, gaps ${Math.min(...gaps)} s and more`);

    expectNoTrace(said);
  });
});

/**
 * The last advert under one identifier and the first under the next share bytes only by chance: outside the layout's fixed bytes and
 * the time of day, each is equal in one case of 256 (R19). Bounds of five standard deviations.
 */
function expectNoTrace(said: { first: Buffer; last: Buffer; address: string }[]): void {
  const positions = [...Array(9).keys()].map((i) => 11 + i).concat([22, 23, 24, 25, 26]);
  const addressBytes = [1, 2, 3, 4, 5];
  let equal = 0;
  let trials = 0;
  const byPosition = new Map<string, number>();
  const compare = (name: string, one: number | undefined, other: number | undefined): void => {
    trials += 1;
    if (one !== other) return;
    equal += 1;
    byPosition.set(name, (byPosition.get(name) ?? 0) + 1);
  };
  for (let i = 1; i < said.length; i++) {
    const [before, after] = [said[i - 1] as (typeof said)[0], said[i] as (typeof said)[0]];
    for (const at of positions) compare(`advert ${at}`, before.last[at], after.first[at]);
    const [old, fresh] = [Buffer.from(before.address, 'hex'), Buffer.from(after.address, 'hex')];
    for (const at of addressBytes) compare(`address ${at}`, old[at], fresh[at]);
  }
  const bound = (count: number): number => count / 256 + 5 * Math.sqrt(count / 256);
  console.log(`equal bytes of consecutive epochs: ${equal} of ${trials}, by chance ${(trials / 256).toFixed(1)}`);
  expect(equal).toBeLessThanOrEqual(bound(trials));
  expect(equal).toBeGreaterThan(0);
  for (const count of byPosition.values()) expect(count).toBeLessThanOrEqual(bound(said.length));
}
