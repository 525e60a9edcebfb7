/** A hostile central at a token that admits counters: a hundred thousand GATT writes of anything, and ATT and L2CAP beside. */
import '../e2e/patience.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../device/link/cbor.js';
import { buildFrame, buildTerms, LAST, OPEN, sessionSeed } from '../../device/link/frame.js';
import { encodePacket } from '../../device/link/packets.js';
import { whyNoAir } from '../../tools/air/btvirt.js';
import { chance } from '../support/chance.js';
import { below, type Draw, some } from './garbage.js';
import { AirHouse, type AirToken, stateOf } from './house.js';
import { ADV_IND, Peer } from './peer.js';

const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

const SEED = Number(process.env.GALET_SEED ?? Date.now() % 100_000);
const WRITES = 100_000;
/** ACL packets that wait here for the controller; more would only pile up. */
const BACKLOG_MAX = 200;
const MTU = 247;
const WRITE_UUID = '6e400002b5a3f393e0a9e50e24dcca9e';
const NOTIFY_UUID = '6e400003b5a3f393e0a9e50e24dcca9e';
const WRITE_RESPONSE = 0x13;
const NOTIFICATION = 0x1b;
const WRITE_REQUEST = 0x12;
const WRITE_COMMAND = 0x52;
const TYPES = 25;

/** Bytes that get further than noise does: a whole session's frames, with messages that are none. */
function frames(draw: Draw): Buffer {
  const nonce = 1 + below(draw, 0xffff_fffe);
  const open = buildTerms(OPEN, { version: 1, nonce, frameSize: 20 + below(draw, 237), window: 1 + below(draw, 64) });
  const message =
    draw() < 0.5
      ? some(draw, below(draw, 60))
      : encode([1, below(draw, TYPES), ...Array.from({ length: below(draw, 4) }, () => some(draw, below(draw, 33)))]);
  const payload = Buffer.from(message).subarray(0, 200);
  const last = buildFrame(LAST, below(draw, 2), below(draw, 3), payload, sessionSeed(nonce));
  return Buffer.concat([encodePacket(open), encodePacket(last)]);
}

function anything(draw: Draw): Buffer {
  if (draw() < 0.5) return some(draw, below(draw, MTU - 2));
  const bytes = frames(draw);
  if (draw() < 0.5) return bytes.subarray(0, MTU - 3);
  for (let flips = 1 + below(draw, 8); flips > 0; flips--) {
    const at = below(draw, bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << below(draw, 8));
  }
  return bytes.subarray(0, below(draw, MTU - 2));
}

describe.skipIf(missing !== undefined)('a hostile central', () => {
  let house: AirHouse;
  let token: AirToken;
  let central: Peer;
  let asking = '';
  let answered = 0;
  let notified = 0;

  beforeEach(async () => {
    console.log(`seed ${SEED}`);
    house = await AirHouse.open();
    token = await house.token('token', {}, ['--docked']);
    await house.provision(token);
    central = await Peer.plug(house.air);
    central.onReport = ({ address, type }) => {
      if (type === ADV_IND) asking = address;
    };
  });
  afterEach(async () => {
    central.close();
    await house.close();
  });

  async function discover(): Promise<number | undefined> {
    await central.exchangeMtu(MTU);
    const handles = await central.characteristics();
    // Its replies are wanted too. The descriptor that turns them on follows the value.
    const descriptor = (handles.get(NOTIFY_UUID) ?? 0) + 1;
    await central.ask([WRITE_REQUEST, descriptor & 0xff, descriptor >> 8, 1, 0]);
    central.onAtt = ([opcode]) => {
      if (opcode === WRITE_RESPONSE) answered += 1;
      if (opcode === NOTIFICATION) notified += 1;
    };
    return handles.get(WRITE_UUID);
  }

  /** Connects to the token, which is not always there: its identifier may just change. The handle to write to. */
  async function connect(): Promise<number> {
    for (let tries = 0; tries < 60; tries++) {
      asking = '';
      await central.scan();
      await sleep(100);
      await central.stopScan();
      if (asking !== '' && (await central.connect(asking, 1000))) {
        const handle = await discover().catch(() => undefined);
        if (handle !== undefined) return handle;
      }
      await sleep(200);
    }
    throw new Error('the token admits nobody any more');
  }

  it(`changes nothing by ${WRITES} writes of anything (R26, R31)`, async () => {
    const draw = chance(SEED);
    const before = await house.settledState(token);
    let connections = 0;
    let writes = 0;
    let others = 0;
    let handle = 0;
    while (writes < WRITES) {
      if (!central.isConnected) {
        handle = await connect();
        connections += 1;
      }
      const kind = draw();
      if (kind < 0.9) {
        const opcode = kind < 0.8 ? WRITE_COMMAND : WRITE_REQUEST;
        central.sendAtt(Buffer.concat([Buffer.from([opcode, handle & 0xff, handle >> 8]), anything(draw)]));
        writes += 1;
      } else {
        others += 1;
        // Any ATT packet, any L2CAP channel, and fragments whose lengths lie.
        if (kind < 0.96) central.sendAtt(some(draw, 1 + below(draw, MTU - 1)));
        else if (kind < 0.98) central.sendL2cap(some(draw, below(draw, 60)));
        else central.sendAcl(draw() < 0.5 ? 0 : 0x1000, some(draw, below(draw, 28)));
      }
      if (central.backlog > BACKLOG_MAX) {
        await central.until('room for more', () => central.backlog < BACKLOG_MAX / 2 || !central.isConnected, 30_000);
      }
      if (draw() < 0.0005) await central.disconnect();
    }
    if (central.isConnected) await central.disconnect();
    console.log(`${writes} writes and ${others} other packets over ${connections} connections`);
    console.log(`${answered} writes were answered, ${notified} notifications came`);
    // Most come too late, when the connection they were asked over has ended; and noise hides the frames behind it.
    expect(answered).toBeGreaterThan(WRITES / 100);
    expect(notified).toBeGreaterThan(WRITES / 1000);
    expect(token.galet.isRunning).toBe(true);
    expect(stateOf(token)).toBe(before);
    expect(token.galet.said).not.toMatch(/Error|exception/i);
    // And it serves who comes next.
    await connect();
    await central.disconnect();
    expect((await house.run(['token', 'show', token.port])).json).toMatchObject({ life: 'tracing' });
  });
});
