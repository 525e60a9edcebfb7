import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ADV_IND,
  type Command,
  commandPacket,
  isSound,
  readPacket,
  refuseKey,
  setAdvertisingData,
  setAdvertisingEnable,
  setAdvertisingParameters,
  setRandomAddress,
  setScanEnable,
  setScanParameters,
} from '../../../device/boards/linux/hci.js';
import { eventPacket, commandPacket as h4Command } from '../../../tools/air/h4.js';

const LE_META = 0x3e;

const packetOf = (command: Command): string => Buffer.from(commandPacket(command)).toString('hex');

/** What a packet tells, a line each. */
function toldBy(packet: Uint8Array): string[] {
  const told: string[] = [];
  readPacket(packet, {
    answered: (opcode, status) => told.push(`answered ${opcode.toString(16)} ${status}`),
    reported: (type, payload, rssi) => told.push(`reported ${type} ${Buffer.from(payload).toString('hex')} ${rssi}`),
    connected: (handle) => told.push(`connected ${handle}`),
    disconnected: (handle) => told.push(`disconnected ${handle}`),
    keyWanted: (handle) => told.push(`key ${handle}`),
  });
  return told;
}

const event = (code: number, ...parameters: number[]): Buffer => eventPacket(code, Uint8Array.from(parameters));
const report = (type: number, data: number[], rssi: number): number[] => [
  ...[type, 1, 1, 2, 3, 4, 5, 6, data.length],
  ...data,
  rssi & 0xff,
];

describe('HCI commands (vol 4 part E, section 7.8)', () => {
  it('are laid out as the specification has them', () => {
    expect(packetOf(setRandomAddress(Uint8Array.of(0x3a, 1, 2, 3, 4, 5)))).toBe('010520060504030201' + '3a');
    expect(packetOf(setAdvertisingParameters(3, 0.2))).toBe('0106200f4001400103010000000000000007' + '00');
    expect(packetOf(setAdvertisingData(Uint8Array.of(2, 1, 6)))).toBe(`0108202003020106${'00'.repeat(28)}`);
    expect(packetOf(setAdvertisingEnable(true))).toBe('010a200101');
    expect(packetOf(setScanParameters(0.42))).toBe('010b200700a002a0020000');
    expect(packetOf(setScanEnable(true))).toBe('010c20020100');
    expect(packetOf(refuseKey(0x0e40))).toBe('011b2002400e');
  });

  it('are those of a UART', () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.uint8Array({ maxLength: 255 }), (opcode, parameters) => {
        expect(packetOf({ opcode, parameters })).toBe(h4Command(opcode, parameters).toString('hex'));
      }),
    );
  });

  it('keep to what a controller takes', () => {
    const intervals = [0, 0.02, 0.2, 10.24, 100].map(
      (seconds) => Buffer.from(setAdvertisingParameters(3, seconds).parameters).readUInt16LE(0) * 0.625,
    );
    expect(intervals).toEqual([100, 100, 200, 10240, 10240]);
    const windows = [0, 0.42, 100].map(
      (seconds) => Buffer.from(setScanParameters(seconds).parameters).readUInt16LE(3) * 0.625,
    );
    expect(windows).toEqual([2.5, 420, 10240]);
  });
});

describe('HCI events', () => {
  it('tell what became of a command', () => {
    expect(toldBy(event(0x0e, 1, 0x0a, 0x20, 0x0c))).toEqual(['answered 200a 12']);
    expect(toldBy(event(0x0f, 0, 1, 0x06, 0x04))).toEqual(['answered 406 0']);
  });

  it('tell every advert of a report', () => {
    const adverts = [...report(0, [2, 1, 6], -70), ...report(3, [], 127)];
    expect(toldBy(event(LE_META, 2, 2, ...adverts))).toEqual(['reported 0 020106 -70', 'reported 3  127']);
  });

  it('tell of an advert that is cut off, or too long, nothing', () => {
    const whole = report(0, [2, 1, 6], -70);
    for (let length = 0; length < whole.length; length++) {
      expect(toldBy(event(LE_META, 2, 1, ...whole.slice(0, length)))).toEqual([]);
    }
    expect(toldBy(event(LE_META, 2, 1, ...report(0, new Array(32).fill(0), -70)))).toEqual([]);
    expect(toldBy(event(LE_META, 2, 9, ...whole))).toEqual(['reported 0 020106 -70']);
  });

  it('tell who connects to this adapter, and leaves', () => {
    const connection = (status: number, role: number): Buffer =>
      event(LE_META, 1, status, 0x40, 0x0e, role, 1, 1, 2, 3, 4, 5, 6, 24, 0, 0, 0, 200, 0, 0);
    expect(toldBy(connection(0, 1))).toEqual(['connected 3648']);
    expect(toldBy(connection(0x3c, 1))).toEqual([]);
    expect(toldBy(connection(0, 0))).toEqual([]);
    expect([connection(0, 1), connection(0x3c, 1), connection(0, 0)].map(isSound)).toEqual([true, false, false]);
    expect(toldBy(event(0x05, 0, 0x40, 0x0e, 0x13))).toEqual(['disconnected 3648']);
    expect(toldBy(event(LE_META, 5, 0x40, 0x0e, 1, 2, 3))).toEqual(['key 3648']);
  });

  it('may be any bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    const code = fc.constantFrom(0x05, 0x0e, 0x0f, LE_META);
    const kind = fc.nat(12);
    const packet = fc.oneof(
      bytes,
      fc.tuple(code, bytes).map(([one, body]) => eventPacket(one, body)),
      fc.tuple(kind, bytes).map(([one, body]) => eventPacket(LE_META, Uint8Array.of(one, ...body))),
    );
    fc.assert(
      fc.property(packet, (any) => {
        readPacket(any, {
          answered: (opcode, status) => expect(opcode + status).toBeGreaterThanOrEqual(0),
          reported(type, payload, rssi) {
            expect(type).toBeGreaterThanOrEqual(ADV_IND);
            expect(payload.length).toBeLessThanOrEqual(31);
            expect(rssi).toBeGreaterThanOrEqual(-128);
            expect(rssi).toBeLessThanOrEqual(127);
          },
          connected: (handle) => expect(handle).not.toBeNaN(),
          disconnected: (handle) => expect(handle).not.toBeNaN(),
          keyWanted: (handle) => expect(handle).not.toBeNaN(),
        });
        isSound(any);
      }),
      { numRuns: 20_000 },
    );
  });
});
