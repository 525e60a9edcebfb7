/** The service at its ATT packets (vol 3 part F), with bleno's real GATT server and an adapter that only writes down what it is told. */
import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Hci, loadBleno } from '../../../device/boards/linux/bleno.js';
import { createNus, type NusServer } from '../../../device/boards/linux/nus.js';
import { buildFrame, buildTerms, DATA, OPEN, sessionSeed } from '../../../device/link/frame.js';
import { encodePacket } from '../../../device/link/packets.js';
import { BoardClock, Timeline } from '../../../tools/simulate/timeline.js';

const HANDLE = 0;
const ATTRIBUTES = 4;
const NONCE = 7;
/** Of the two values, in the order in which they are offered. */
const WRITE_VALUE = 12;
const NOTIFY_SWITCH = 15;

/** The part of bleno's HCI that the service uses. */
class WrittenDown extends EventEmitter {
  _aclOutQueue: unknown[] = [];
  _handleBuffers: Record<number, { length: number; data: Buffer }> = {};
  readonly sent: string[] = [];
  ends = 0;
  onSocketData = (packet: Buffer): void => {
    this._handleBuffers[HANDLE] = { length: packet.length - 1, data: packet };
    throw new RangeError('out of range');
  };
  queueAclDataPkt = (_handle: number, channel: number, data: Buffer): void => {
    this.sent.push(`${channel} ${data.toString('hex')}`);
  };
  disconnect = (): void => {
    this.ends += 1;
  };
}

let hci: WrittenDown;
let nus: NusServer;
let timeline: Timeline;

beforeEach(() => {
  hci = new WrittenDown();
  timeline = new Timeline(0, () => 0);
  const clock = new BoardClock(timeline, 0);
  nus = createNus({ bleno: loadBleno('Galet'), hci: hci as unknown as Hci, clock });
  nus.connected(HANDLE);
});

const att = (...packet: number[]): void => void hci.emit('aclDataPkt', HANDLE, ATTRIBUTES, Buffer.from(packet));
const write = (chunk: Uint8Array): void => att(0x52, WRITE_VALUE, 0, ...chunk);
const pass = (seconds: number): void => timeline.advance(timeline.now() + seconds);
const openFrame = (): Uint8Array =>
  encodePacket(buildTerms(OPEN, { version: 1, nonce: NONCE, frameSize: 256, window: 8 }));
const dataFrame = (nonce: number): Uint8Array =>
  encodePacket(buildFrame(DATA, 0, 0, Uint8Array.of(1, 2, 3), sessionSeed(nonce)));

describe('a connection', () => {
  it('has 10 s for its first frame, whatever else is written', () => {
    for (let second = 1; second < 10; second++) {
      pass(1);
      write(Uint8Array.of(3, 1, 2, 3, 4));
      write(dataFrame(NONCE));
      expect(hci.ends).toBe(0);
    }
    pass(1.1);
    expect(hci.ends).toBe(1);
  });

  it('lasts as long as frames of its session come, and 30 s more', () => {
    write(openFrame());
    pass(29);
    write(dataFrame(NONCE));
    pass(29);
    write(dataFrame(NONCE + 1));
    expect(hci.ends).toBe(0);
    pass(1.1);
    expect(hci.ends).toBe(1);
  });

  it('goes on with the session of the one before, if that was cut', () => {
    write(openFrame());
    nus.disconnected(HANDLE);
    nus.connected(HANDLE);
    write(dataFrame(NONCE));
    pass(29);
    expect(hci.ends).toBe(0);
  });

  it('is ended again when the adapter has not done it, and no more when it has', () => {
    pass(21);
    expect(hci.ends).toBe(2);
    nus.disconnected(HANDLE);
    pass(100);
    expect(hci.ends).toBe(2);
  });

  it('begins anew for the token each time', () => {
    let begun = 0;
    nus.ble.onConnect(() => {
      begun += 1;
    });
    nus.disconnected(HANDLE);
    nus.connected(HANDLE);
    expect(begun).toBe(1);
  });
});

describe('the service', () => {
  it('hands on what is written, in order', async () => {
    const received: number[] = [];
    nus.ble.onData((chunk) => received.push(...chunk));
    write(Uint8Array.of(1, 2));
    att(0x12, WRITE_VALUE, 0, 3);
    await Promise.resolve();
    expect(received).toEqual([1, 2, 3]);
    expect(hci.sent).toEqual(['4 13']);
  });

  it('says nothing to who has not asked to be notified, and cuts what it says to the MTU', () => {
    nus.ble.write(Uint8Array.of(1));
    expect(hci.sent).toEqual([]);
    att(0x12, NOTIFY_SWITCH, 0, 1, 0);
    hci.sent.length = 0;
    nus.ble.write(new Uint8Array(45));
    expect(hci.sent.map((sent) => (sent.length - 2) / 2 - 3)).toEqual([20, 20, 5]);
  });

  it('keeps no endless queue for who does not listen', () => {
    att(0x12, NOTIFY_SWITCH, 0, 1, 0);
    hci.sent.length = 0;
    hci._aclOutQueue.length = 1024;
    nus.ble.write(new Uint8Array(45));
    expect(hci.sent).toEqual([]);
  });
});

describe('hostile packets', () => {
  it.each([
    ['a read without a handle', [0x0a], '01' + '0a0000' + '04'],
    ['a search for no type', [0x08, 1, 0, 0xff, 0xff], '01' + '080000' + '04'],
    ['an MTU of one byte', [0x02, 9], '01' + '020000' + '04'],
    ['a long write', [0x16, WRITE_VALUE, 0, 0, 0, 1], '01' + '160000' + '06'],
    ['the end of a long write', [0x18, 1], '01' + '180000' + '06'],
    ['an unknown request', [0x2a], '01' + '2a0000' + '06'],
  ])('%s is answered with an error', (_name, packet, answer) => {
    att(...packet);
    expect(hci.sent).toEqual([`4 ${answer}`]);
  });

  it.each([
    ['an unknown command', [0x7a]],
    ['a signed write', [0xd2, WRITE_VALUE, 0, 1]],
    ['a confirmation of nothing', [0x1e]],
    ['a write without a handle', [0x52]],
    ['nothing at all', []],
  ])('%s is not answered', (_name, packet) => {
    att(...packet);
    expect(hci.sent).toEqual([]);
  });

  it('never throw into the adapter’s reading, nor stay in memory', () => {
    expect(() => (hci as unknown as Hci).onSocketData(Buffer.alloc(30))).not.toThrow();
    expect(hci._handleBuffers).toEqual({});
  });

  it('of the pairing protocol are refused, and its failures left alone', () => {
    hci.emit('aclDataPkt', HANDLE, 6, Buffer.from([1, 3, 0, 1, 16, 0, 1]));
    hci.emit('aclDataPkt', HANDLE, 6, Buffer.from([5, 8]));
    hci.emit('aclDataPkt', HANDLE, 6, Buffer.alloc(0));
    expect(hci.sent).toEqual(['6 0505']);
  });

  it('of other connections are nobody’s', () => {
    hci.emit('aclDataPkt', HANDLE + 1, ATTRIBUTES, Buffer.from([0x0a, 3, 0]));
    expect(hci.sent).toEqual([]);
  });
});
