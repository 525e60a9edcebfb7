/** The radio and the link of a Linux token on an emulated controller, seen by a peer that knows HCI, L2CAP and ATT and nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LinuxBluetooth, openBluetooth } from '../../../device/boards/linux/bluetooth.js';
import { buildTerms, OPEN } from '../../../device/link/frame.js';
import { encodePacket } from '../../../device/link/packets.js';
import { useAdapter } from '../../../host/link/ble/adapter.js';
import { type Adapter, plugAdapter } from '../../../tools/air/adapter.js';
import { type EmulatedAir, startAir, whyNoAir } from '../../../tools/air/btvirt.js';
import { HCI_ACL } from '../../../tools/air/h4.js';
import { BoardClock, Timeline } from '../../../tools/simulate/timeline.js';
import { ADV_IND, ADV_NONCONN_IND, Peer, type Report } from '../../air/peer.js';
import { chance } from '../../support/chance.js';

const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

const ADVERT = Buffer.from('020106030364fd151664fd000102030405060708090a0b0c0d0e0f02f1', 'hex');
const ADDRESS = '3a0102030405';
const WRITE = '6e400002b5a3f393e0a9e50e24dcca9e';
const NOTIFY = '6e400003b5a3f393e0a9e50e24dcca9e';
const NOTIFICATION = 0x1b;
const WRITE_REQUEST = 0x12;
const WRITE_COMMAND = 0x52;
const SECURITY = 6;
const BARE = '020106';
const SHORTLY = 300;

interface Stand {
  bluetooth: LinuxBluetooth;
  adapter: Adapter;
  peer: Peer;
  timeline: Timeline;
  troubles: string[];
  /** L2CAP packets that the token has sent, by channel. */
  sent: { channel: number; data: Buffer }[];
}

let air: EmulatedAir;
let stand: Stand;

async function setUp({ isDocked = false, mtuMax = 256 } = {}): Promise<Stand> {
  const sent: Stand['sent'] = [];
  const adapter = await plugAdapter(air, {
    onPacket(direction, packet) {
      if (direction !== 'controller' || packet[0] !== HCI_ACL || packet.length < 9) return;
      sent.push({ channel: packet.readUInt16LE(7), data: Buffer.from(packet.subarray(9)) });
    },
  });
  useAdapter(adapter.path);
  const timeline = new Timeline(0, () => performance.now() / 1000);
  timeline.live((error) => {
    throw error;
  });
  const troubles: string[] = [];
  const bluetooth = await openBluetooth({
    txGain: -15,
    rxGain: -5,
    isDocked,
    mtuMax,
    clock: new BoardClock(timeline, 0),
    onTrouble: (what) => troubles.push(what),
  });
  stand = { bluetooth, adapter, peer: await Peer.plug(air), timeline, troubles, sent };
  return stand;
}

/** Lets so much time pass on the token's clock, and a moment on everybody's. */
async function pass({ timeline }: Stand, seconds: number): Promise<void> {
  timeline.pause();
  timeline.advance(timeline.now() + seconds);
  timeline.live((error) => {
    throw error;
  });
  await sleep(SHORTLY);
}

function advertise({ bluetooth }: Stand, address = ADDRESS, advert: Uint8Array = ADVERT): void {
  bluetooth.radio.advertise(advert, Buffer.from(address, 'hex'), 0.2);
}

/** Who is on the air now. */
async function heardBy(peer: Peer): Promise<Report[]> {
  const reports: Report[] = [];
  peer.onReport = (report) => reports.push({ ...report, data: Buffer.from(report.data) });
  await peer.scan();
  await sleep(SHORTLY);
  await peer.stopScan();
  peer.onReport = () => {};
  return reports;
}

interface Visit {
  /** Handles of the two characteristics' values. */
  write: number;
  notify: number;
}

/** Connects the peer and has it notified. */
async function visit({ peer }: Stand, mtu?: number): Promise<Visit> {
  expect(await peer.connect(ADDRESS)).toBe(true);
  if (mtu !== undefined) await peer.exchangeMtu(mtu);
  const found = await peer.characteristics();
  const handles = { write: found.get(WRITE) as number, notify: found.get(NOTIFY) as number };
  const subscribed = await peer.ask([WRITE_REQUEST, handles.notify + 1, 0, 1, 0]);
  expect(subscribed.toString('hex')).toBe('13');
  return handles;
}

const openFrame = (): Uint8Array => encodePacket(buildTerms(OPEN, { version: 1, nonce: 7, frameSize: 256, window: 8 }));

describe.skipIf(missing)('a Linux token on the air', () => {
  beforeAll(async () => {
    air = await startAir();
  });
  afterEach(async () => {
    stand.peer.close();
    await stand.bluetooth.close();
    stand.timeline.pause();
    stand.adapter.close();
  });
  afterAll(async () => {
    await air.close();
  });

  it('is heard as it says it: its bytes, its address, not connectable', async () => {
    advertise(await setUp());
    await sleep(SHORTLY);
    const [report, ...others] = await heardBy(stand.peer);
    expect(report).toMatchObject({ address: ADDRESS, isRandom: true, type: ADV_NONCONN_IND });
    expect(report?.data.toString('hex')).toBe(ADVERT.toString('hex'));
    expect(others).toEqual([]);
    expect(await stand.peer.connect(ADDRESS, SHORTLY)).toBe(false);
  });

  it('changes its address and its advert together', async () => {
    advertise(await setUp());
    await sleep(SHORTLY);
    const reports: Report[] = [];
    stand.peer.onReport = (report) => reports.push({ ...report, data: Buffer.from(report.data) });
    await stand.peer.scan();
    const other = Buffer.from(ADVERT).fill(0x77, 11, 27);
    stand.bluetooth.radio.silence();
    advertise(stand, '0b0102030405', other);
    await sleep(SHORTLY);
    const pairs = reports.map(({ address, data }) => `${address} ${data.toString('hex')}`);
    expect(new Set(pairs)).toEqual(
      new Set([`${ADDRESS} ${ADVERT.toString('hex')}`, `0b0102030405 ${other.toString('hex')}`]),
    );
  });

  it('hears others during its windows only, and knows no RSSI where there is none', async () => {
    const { bluetooth, peer } = await setUp();
    const heard: string[] = [];
    await peer.advertise(ADVERT, '050102030405');
    await sleep(SHORTLY);
    expect(heard).toEqual([]);
    bluetooth.radio.scan(0.3, (payload, rssi) => heard.push(`${Buffer.from(payload).toString('hex')} ${rssi}`));
    await sleep(2 * SHORTLY);
    expect(new Set(heard)).toEqual(new Set([`${ADVERT.toString('hex')} 127`]));
    const count = heard.length;
    await peer.advertise(ADVERT, '050102030406');
    await sleep(SHORTLY);
    expect(heard).toHaveLength(count);
  });

  it('can be connected to after a press, for 60 s (R27)', async () => {
    advertise(await setUp());
    const { bluetooth, peer } = stand;
    bluetooth.admit();
    await sleep(SHORTLY);
    expect(await heardBy(peer)).toMatchObject([{ address: ADDRESS, type: ADV_IND }]);
    expect(await peer.connect(ADDRESS)).toBe(true);
    expect(await heardBy(await Peer.plug(air))).toMatchObject([{ address: ADDRESS, type: ADV_NONCONN_IND }]);
    await peer.disconnect();
    await sleep(SHORTLY);
    expect(await heardBy(peer)).toMatchObject([{ type: ADV_IND }]);
    await pass(stand, 60);
    expect(await heardBy(peer)).toMatchObject([{ address: ADDRESS, type: ADV_NONCONN_IND }]);
    expect(await peer.connect(ADDRESS, SHORTLY)).toBe(false);
  });

  it('can be connected to at any time while it is docked', async () => {
    advertise(await setUp({ isDocked: true }));
    await pass(stand, 1000);
    expect(await heardBy(stand.peer)).toMatchObject([{ address: ADDRESS, type: ADV_IND }]);
  });

  it.each([23, 53, 131, 247, 256])('carries bytes both ways, whole and in order, at MTU %i', async (mtu) => {
    advertise(await setUp({ mtuMax: mtu }));
    const { bluetooth, peer } = stand;
    bluetooth.admit();
    await sleep(SHORTLY);
    let begun = 0;
    bluetooth.ble.onConnect(() => {
      begun += 1;
    });
    bluetooth.ble.onData((chunk) => bluetooth.ble.write(chunk));
    const { write, notify } = await visit(stand, 256);
    const said = Buffer.alloc(
      3000,
      Uint8Array.from({ length: 251 }, (_, i) => i),
    );
    const back: Buffer[] = [];
    const length = (): number => back.reduce((sum, { length }) => sum + length, 0);
    peer.onAtt = (packet) => {
      expect(packet[0]).toBe(NOTIFICATION);
      expect(packet.readUInt16LE(1)).toBe(notify);
      expect(packet.length).toBeLessThanOrEqual(mtu);
      back.push(Buffer.from(packet.subarray(3)));
    };
    for (let at = 0; at < said.length; at += mtu - 3) {
      peer.sendAtt(Buffer.concat([Buffer.from([WRITE_COMMAND, write, 0]), said.subarray(at, at + mtu - 3)]));
    }
    await peer.until('the echo', () => length() >= said.length);
    expect(Buffer.concat(back).equals(said)).toBe(true);
    expect(begun).toBe(1);
  });

  it('ends a connection on which no frame comes for 10 s, or that is quiet for 30 s', async () => {
    advertise(await setUp());
    const { bluetooth, peer } = stand;
    bluetooth.admit();
    await sleep(SHORTLY);
    const first = await visit(stand);
    peer.sendAtt(Uint8Array.of(WRITE_COMMAND, first.write, 0, 1, 2, 3));
    await pass(stand, 11);
    expect(peer.isConnected).toBe(false);

    const { write } = await visit(stand);
    const frame = openFrame();
    peer.sendAtt(Buffer.concat([Buffer.from([WRITE_COMMAND, write, 0]), frame]));
    await sleep(SHORTLY);
    await pass(stand, 28);
    expect(peer.isConnected).toBe(true);
    await pass(stand, 3);
    expect(peer.isConnected).toBe(false);
  });

  it('refuses to pair, and says so', async () => {
    advertise(await setUp());
    stand.bluetooth.admit();
    await sleep(SHORTLY);
    await visit(stand);
    const pairing = Uint8Array.of(7, 0, SECURITY, 0, 1, 3, 0, 1, 16, 0, 1);
    stand.peer.sendL2cap(pairing);
    await sleep(SHORTLY);
    const answers = stand.sent.filter(({ channel }) => channel === SECURITY);
    expect(answers.map(({ data }) => data.toString('hex'))).toEqual(['0505']);
  });

  it('calls itself Galet, never by the computer’s name', async () => {
    advertise(await setUp());
    stand.bluetooth.admit();
    await sleep(SHORTLY);
    await visit(stand);
    const found = await stand.peer.characteristics();
    const name = found.get('2a00') as number;
    const answer = await stand.peer.ask([0x0a, name, 0]);
    expect(answer.subarray(1).toString()).toBe('Galet');
  });

  it('survives whatever is written to it, and serves the next counter', async () => {
    advertise(await setUp());
    const { bluetooth, peer, adapter } = stand;
    bluetooth.admit();
    await sleep(SHORTLY);
    await visit(stand);
    const seed = Date.now() & 0x7fffffff;
    console.log(`malformed packets: seed ${seed}`);
    const random = chance(seed);
    const noise = (max: number): Uint8Array =>
      Uint8Array.from({ length: Math.floor(random() * max) }, () => Math.floor(random() * 256));
    for (let i = 0; i < 3000; i++) {
      const bytes = noise(40);
      if (i % 3 === 0) peer.sendAtt(Buffer.concat([Uint8Array.of(Math.floor(random() * 0x20)), bytes]));
      else if (i % 3 === 1) peer.sendAcl(random() < 0.5 ? 0 : 0x1000, bytes);
      else peer.sendL2cap(Buffer.concat([Uint8Array.of(bytes.length, 0, random() < 0.5 ? 4 : 6, 0), bytes]));
    }
    await peer.until('the last of it', () => peer.backlog === 0, 30_000);
    for (const body of [
      [0x3e, 0],
      [0x3e, 1, 2],
      [0x3e, 3, 2, 9, 0],
      [0x0e, 0],
      [0x13, 1, 9],
      [0x05, 1, 0],
    ]) {
      adapter.inject(Uint8Array.of(4, ...body));
    }
    adapter.inject(Uint8Array.of(2, 1, 0, 0, 0));
    await peer.disconnect();
    await sleep(SHORTLY);
    bluetooth.admit();
    await sleep(SHORTLY);
    await visit(stand);
    expect(stand.troubles).toEqual([]);
  });

  it('pairs every identifier with its own address (R18), and admits only the asked (R27), whatever is wanted next', async () => {
    const { bluetooth, peer, timeline, troubles } = await setUp();
    const seed = Date.now() & 0x7fffffff;
    console.log(`a life on the air: seed ${seed}`);
    const random = chance(seed);
    const adverts = new Map<string, string>();
    let admittedUntil = Number.NEGATIVE_INFINITY;
    /** Real milliseconds: a minute passes at once here, but what is on its way through the emulator takes as long as ever. */
    let onItsWayUntil = 0;
    let identity = 0;
    let wrong: Report | undefined;
    let connectable = 0;
    peer.onReport = (report) => {
      const data = report.data.toString('hex');
      const isOwn = data === BARE ? !adverts.has(report.address) : adverts.get(report.address) === data.slice(0, 6);
      const isLate = timeline.now() >= admittedUntil && performance.now() > onItsWayUntil;
      const isAsked = report.type === ADV_NONCONN_IND || !isLate;
      if (report.type === ADV_IND) connectable += 1;
      if (!isOwn || !isAsked) wrong ??= { ...report, data: Buffer.from(report.data) };
    };
    const say = (): void => {
      const hello = Uint8Array.of(2, 0xff, identity, Math.floor(random() * 256));
      advertise(stand, addressNow(), hello);
    };
    const addressNow = (): string => `2a00000000${identity.toString(16).padStart(2, '0')}`;
    const change = (): void => {
      identity = (identity + 1) & 0xff;
      adverts.set(addressNow(), Buffer.of(2, 0xff, identity).toString('hex'));
      bluetooth.radio.silence();
      say();
    };
    const leap = (): void => {
      if (timeline.now() < admittedUntil) onItsWayUntil = performance.now() + SHORTLY;
      timeline.pause();
      timeline.advance(timeline.now() + 61);
      timeline.live(() => undefined);
    };
    const press = (): void => {
      admittedUntil = timeline.now() + 60;
      bluetooth.admit();
    };
    change();
    await peer.scan();
    const steps = [change, change, say, say, bluetooth.radio.silence, press, leap];
    for (let step = 0; step < 400; step++) {
      steps[Math.floor(random() * steps.length)]?.();
      if (step % 20 === 0) bluetooth.radio.scan(0.05, () => undefined);
      await sleep(random() * 15);
    }
    await sleep(SHORTLY);
    expect(wrong).toBeUndefined();
    expect(adverts.size).toBeGreaterThan(50);
    expect(connectable).toBeGreaterThan(10);
    // A leap of the clock over a command that is under way looks like a controller that does not answer.
    expect(troubles.filter((what) => !what.endsWith('no answer'))).toEqual([]);
  });

  it('lets go of its adapter when it is closed, off the air', async () => {
    advertise(await setUp());
    const { bluetooth, peer, adapter } = stand;
    await sleep(SHORTLY);
    await bluetooth.close();
    expect(await heardBy(peer)).toEqual([]);
    useAdapter(adapter.path);
    const again = await openBluetooth({ txGain: 0, rxGain: 0, isDocked: false });
    again.radio.advertise(ADVERT, Buffer.from(ADDRESS, 'hex'), 0.2);
    await sleep(SHORTLY);
    expect(await heardBy(peer)).toHaveLength(1);
    await again.close();
  });
});

describe('without an adapter', () => {
  it('says what the system says', async () => {
    useAdapter('/dev/no-such-port');
    const opening = openBluetooth({ txGain: 0, rxGain: 0, isDocked: false });
    await expect(opening).rejects.toThrow(/No such file/);
  });
});
