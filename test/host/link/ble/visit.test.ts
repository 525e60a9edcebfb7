/**
 * A whole visit over Bluetooth: the real server and kiosk, the real token code, and every packet through a controller. What
 * comes of it is held against what the same token does over a cable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TWIN_PAGE_SIZE, TWIN_PAGES } from '../../../../device/boards/twin/board.js';
import { twinFlash } from '../../../../device/boards/twin/flash.js';
import type { BlePort } from '../../../../device/ports.js';
import { buildAdvert } from '../../../../device/robert/advert.js';
import { buildHello } from '../../../../device/robert/hello.js';
import { startToken } from '../../../../device/token/token.js';
import { nodeDigest } from '../../../../host/crypto.js';
import { type CounterRadio, openCounterRadio } from '../../../../host/link/ble/counter-radio.js';
import { TokenLink } from '../../../../host/link/client.js';
import type { Counter, Draft } from '../../../../host/link/visit/counter.js';
import { reportContacts } from '../../../../host/link/visit/report.js';
import { synchronise } from '../../../../host/link/visit/synchronise.js';
import type { Visit } from '../../../../host/link/visit/visit.js';
import { type Adapter, plugAdapter } from '../../../../tools/air/adapter.js';
import { type EmulatedAir, startAir, whyNoAir } from '../../../../tools/air/btvirt.js';
import { HOUR, Person, type Start, type Station, World } from '../../../e2e/world.js';
import { seededRandom } from '../../../support/chance.js';
import { START } from '../../../support/fleet.js';
import { type Peripheral, scanResponse, startPeripheral } from './peripheral.js';

const missing = whyNoAir();
if (missing) console.log(`skipped: ${missing}`);

const MTUS = [23, 53, 131, 247];
const CUT_EVERY = 50;
const EPOCH = 900;
/** Enough neighbours, for long enough, for a report of 60 kB, and for one of a resident’s fortnight. */
const CROWD = 20;
const HOURS = 17;
const HOURS_LONG = 38;
const PAYLOAD_MIN = 60_000;

const joined = (parts: Uint8Array[]): Buffer => Buffer.concat(parts);

/** Somebody else’s token, whose identifier changes with the epoch. */
function stranger(world: World, number: number): Station {
  return {
    place: 'table',
    get onAir() {
      const ebid = new Uint8Array(8).fill(number);
      new DataView(ebid.buffer).setUint32(0, world.now / EPOCH);
      return buildAdvert(buildHello(nodeDigest, new Uint8Array(32), 0x21, ebid, world.now), 0);
    },
  };
}

interface Wearer {
  person: Person;
  peripheral: Peripheral;
}

const wireBytes = ({ traffic: { wire } }: TokenLink): number => wire.sent + wire.received;

/** The counter, and what passed it; `reported` are the bytes of the sealed report, batches and header. */
interface Recorder extends Counter {
  batches: Uint8Array[];
  receipts: Uint8Array[];
  reported(): number;
}

function recording(counter: Counter): Recorder {
  const batches: Uint8Array[] = [];
  const receipts: Uint8Array[] = [];
  let head = 0;
  return Object.assign(Object.create(counter) as Counter, {
    batches,
    receipts,
    reported: () => head + joined(batches).length,
    draft: (reportId: string, draft: Draft) => {
      head = draft.encs.length + draft.header.length;
      return counter.draft(reportId, draft);
    },
    append: (reportId: string, piece: Uint8Array) => {
      batches.push(new Uint8Array(piece));
      return counter.append(reportId, piece);
    },
    status: async (reportId: string) => {
      const status = await counter.status(reportId);
      if (status.receipt !== undefined) receipts.push(status.receipt);
      return status;
    },
  });
}

describe.skipIf(missing)('a visit over Bluetooth', () => {
  let air: EmulatedAir;
  let adapter: Adapter;
  let radio: CounterRadio;
  let world: World;
  let person: Person;
  /** The token after 17 hours, and after 38: what each test boots is a copy. */
  let short: Uint8Array;
  let long: Uint8Array;
  let copies = 0;
  const toClose: (() => unknown)[] = [];

  beforeAll(async () => {
    air = await startAir();
    adapter = await plugAdapter(air);
    radio = await openCounterRadio(adapter.path);
    world = await World.open({ start: START + 8 * HOUR });
    person = await world.wearer('Jeanne');
    // With the keys that it then renews, once, its copies would not be known to the server.
    await world.advance(HOUR);
    await world.sync(person);
    for (let i = 0; i < CROWD; i++) world.add(stranger(world, i));
    await world.together([person], HOURS * HOUR);
    short = new Uint8Array(person.board.flash.bytes);
    await world.together([person], (HOURS_LONG - HOURS) * HOUR);
    await world.advance(HOUR);
    long = new Uint8Array(person.board.flash.bytes);
    person.off();
  }, 240_000);

  afterAll(async () => {
    await radio?.close();
    for (const close of toClose) close();
    expect(world?.troubles).toEqual([]);
    await world?.close();
    adapter?.close();
    await air?.close();
  });

  /** A visit over the air, in real time; `work` gets what a command would. */
  async function overAir<T>(
    { person, peripheral }: Wearer,
    mtu: number,
    counter: Counter,
    work: (visit: Visit, link: TokenLink) => Promise<T>,
  ): Promise<T> {
    peripheral.advertise({ mtu });
    world.timeline.live((error) => expect(error).toBeUndefined());
    try {
      const [asking] = await radio.discover(0.5);
      const link = new TokenLink(await radio.open(asking!));
      try {
        const progress: Visit['progress'] = ({ step }) => {
          if (step === 'consent' && person.token.signal() === 'consent') person.board.press(3.2);
        };
        const wait = async (seconds: number): Promise<void> => {
          await world.kiosk.flush();
          await sleep(seconds * 1000);
        };
        return await work({ token: link, counter, progress, wait }, link);
      } finally {
        await link.close();
      }
    } finally {
      peripheral.silence();
      world.timeline.pause();
    }
  }

  /** The token with this flash, on another board. */
  function bootedFrom(bytes: Uint8Array, ble?: BlePort): Person {
    const flash = twinFlash(TWIN_PAGES, TWIN_PAGE_SIZE);
    flash.bytes.set(bytes);
    const start: Start = (ports, options) => {
      ports.clock.setRtc(person.clock.rtc());
      return startToken({ ...ports, ble }, options);
    };
    copies += 1;
    const copy = new Person('copy', world.timeline, seededRandom(copies), () => [], start, flash);
    toClose.push(() => expect(copy.troubles).toEqual([]));
    return copy;
  }

  /** The same within reach of the radio. */
  async function onAirFrom(bytes: Uint8Array): Promise<Wearer> {
    const address = `c0ffee0001${copies.toString(16).padStart(2, '0')}`;
    const peripheral = await startPeripheral(air, { address, response: scanResponse('Galet -') });
    peripheral.silence();
    toClose.push(peripheral.close);
    return { person: bootedFrom(bytes, peripheral.ble), peripheral };
  }

  /** What each epoch of a day begins to say: the identifiers, without time and MAC. */
  async function identifiersOf(people: Person[]): Promise<string[][]> {
    const said: string[][] = people.map(() => []);
    for (let epoch = 0; epoch < 48; epoch++) {
      world.timeline.advance(world.now + EPOCH);
      for (const [i, person] of people.entries()) {
        said[i]?.push(Buffer.from(person.onAir?.subarray(11, 20) ?? []).toString('hex'));
      }
    }
    return said;
  }

  async function reportOverAir(one: Wearer, mtu: number) {
    const counter = recording(world.counter);
    const code = await world.issueCode();
    let copy: Person | undefined;
    let before = 0;
    const reported = await overAir(one, mtu, counter, async (visit, link) => {
      const token: Visit['token'] = {
        ask: (name, fields) => {
          if (name === 'report') before = wireBytes(link);
          // The token as the report has left it, before the counter has said that it is kept.
          if (name === 'kept') copy = bootedFrom(one.person.board.flash.bytes);
          return link.ask(name, fields);
        },
        fetch: (from) => link.fetch(from),
      };
      const { outcome } = await reportContacts({ ...visit, token }, { code, receiptSeconds: 20 });
      return { outcome, visitBytes: wireBytes(link), reportBytes: wireBytes(link) - before };
    });
    return { ...reported, code, counter, copy: copy as Person };
  }

  for (const mtu of MTUS) {
    it(`reports and refills at MTU ${mtu}, cut at every ${CUT_EVERY}th fragment, as a cable does`, async () => {
      const one = await onAirFrom(short);
      const { person, peripheral } = one;
      let packets = 0;
      let cuts = 0;
      peripheral.onPacket = () => {
        packets += 1;
        if (packets % CUT_EVERY !== 0) return;
        cuts += 1;
        peripheral.cut();
      };
      const started = performance.now();
      const { outcome, code, counter, copy, visitBytes } = await reportOverAir(one, mtu);
      expect(outcome).toBe('delivered');
      const carried = joined(counter.batches);
      expect(carried.length).toBeGreaterThan(PAYLOAD_MIN);
      expect(cuts).toBeGreaterThan((carried.length / (mtu - 3) / CUT_EVERY) * 0.9);

      // Over a cable the same token makes the same report, and takes the same receipt.
      await world.visit(copy, async ({ token }) => {
        const { reportId, firstBatch } = await token.ask('report', { code });
        const chunks: Uint8Array[] = [];
        for await (const chunk of token.fetch(firstBatch)) chunks.push(chunk);
        expect(joined(chunks).equals(carried)).toBe(true);
        await token.ask('kept', { reportId });
        const [mac] = counter.receipts;
        expect(await token.ask('receipt', { reportId, mac: mac! })).toEqual({});
      });
      copy.off();

      await overAir(one, mtu, world.counter, synchronise);
      const refilled = bootedFrom(person.board.flash.bytes);
      await world.advance(60);
      await world.sync(person);
      const [air, cable] = await identifiersOf([refilled, person]);
      refilled.off();
      expect(new Set(air).size).toBe(48);
      expect(air).toEqual(cable);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      const ratio = (visitBytes / carried.length).toFixed(3);
      console.log(
        `MTU ${mtu}: ${carried.length} bytes reported, ${cuts} cuts, ${ratio} link bytes a byte, ${seconds} s`,
      );
    }, 180_000);
  }

  it.each([
    ['60 kB', () => short],
    ['a fortnight', () => long],
  ])('takes less than 1.05 link bytes a byte of a report of %s, both ways together', async (size, flash) => {
    const { visitBytes, reportBytes, counter } = await reportOverAir(await onAirFrom(flash()), 247);
    const payload = counter.reported();
    expect(payload).toBeGreaterThan(PAYLOAD_MIN);
    const [report, visit] = [reportBytes / payload, visitBytes / payload].map((ratio) => ratio.toFixed(4));
    console.log(
      `${size}, uncut: ${payload} bytes reported, ${report} link bytes a byte; ${visit} with greeting and consent`,
    );
    expect(reportBytes / payload).toBeLessThan(1.05);
  });
});
