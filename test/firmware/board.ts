/**
 * A board without an interpreter: the firmware's script runs in node:vm over test/espruino/support/stand-in.js, and what
 * the interpreter itself gives that (flash, Storage, native functions, timers) is here. Its time is a timeline that goes
 * on only when it is told to, so that runs repeat exactly.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { createContext, runInContext } from 'node:vm';
import { crc32 } from '../../device/bytes.js';
import { FRAME_MAX } from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import { encodePacket, packetReader } from '../../device/link/packets.js';
import { TokenLink } from '../../host/link/client.js';
import { storageImage } from '../../tools/firmware/image.js';
import { Timeline } from '../../tools/simulate/timeline.js';
import { cable } from '../support/cable.js';
import { seededRandom } from '../support/chance.js';
import { ROOT } from './support.js';

const STAND_IN = readFileSync(join(ROOT, 'test/espruino/support/stand-in.js'), 'latin1');
const STORAGE_BASE = 0x10000000;
const PAGE = 4096;
const HEADER = 32;
const BLANK = 0xffff_ffff;
/** Virtual seconds that pass between two looks at a promise. */
const STEP = 0.01;
const STEPS_MAX = 100_000;

type Listener = (data: string) => void;

export interface Report {
  t: string;
  /** Seconds since power-up. */
  at: number;
  [field: string]: unknown;
}

export interface VmBoard {
  /** A new link to the token, on the board's time. */
  connect(): TokenLink;
  /** All that the radio did, oldest first. */
  reports: Report[];
  /** Adverts that arrive soon after the beginning of each scan. */
  around: { payload: Uint8Array; rssi: number }[];
  /** Seconds since power-up. */
  now(): number;
  advance(seconds: number): void;
  /** Lets the board's time pass until `promise` is settled. */
  settled<T>(promise: Promise<T>): Promise<T>;
  press(seconds: number): void;
  /** The whole Storage. */
  image(): Buffer;
}

/** Any call gives the same object back, but text has a width. */
function blankScreen(): object {
  const screen: object = new Proxy(
    {},
    { get: (_, name) => (name === 'stringWidth' ? (text: string) => 8 * text.length : () => screen) },
  );
  return screen;
}

function flashAt(image: Buffer) {
  function place(address: number, length: number): number {
    const at = address - STORAGE_BASE;
    if (!Number.isInteger(at) || at < 0 || at + length > image.length) throw new Error(`no flash at ${address}`);
    return at;
  }
  function clear(at: number, data: Uint8Array): void {
    for (const [i, byte] of data.entries()) image[at + i]! &= byte;
  }
  const flash = {
    getPage(address: number) {
      const at = address - STORAGE_BASE;
      if (at < 0 || at >= image.length) return undefined;
      return { addr: STORAGE_BASE + Math.floor(at / PAGE) * PAGE, length: PAGE };
    },
    erasePage(address: number) {
      const at = place(address, 1);
      image.fill(0xff, at - (at % PAGE), at - (at % PAGE) + PAGE);
    },
    write(data: Uint8Array, address: number) {
      const at = place(address, data.length);
      if (at % 4 || data.length % 4) throw new Error('a write of no whole words');
      clear(at, data);
    },
    read: (length: number, address: number) =>
      new Uint8Array(image.subarray(place(address, length)).subarray(0, length)),
  };

  /** Offset of the file's data, or that of the first blank header. */
  function find(name: string): { at: number; size: number } {
    for (let at = 0; ; ) {
      const size = image.readUInt32LE(at);
      if (size === BLANK) return { at: at + HEADER, size: 0 };
      if (image.toString('latin1', at + 4, at + HEADER).replace(/\0+$/, '') === name) return { at: at + HEADER, size };
      at += HEADER + Math.ceil(size / 4) * 4;
    }
  }
  const storage = {
    getFree: () => image.length - find('').at + HEADER,
    read(name: string, offset = 0, length = Number.POSITIVE_INFINITY) {
      const { at, size } = find(name);
      return size ? image.toString('latin1', at + offset, at + Math.min(size, offset + length)) : undefined;
    },
    write(name: string, data: Uint8Array, offset: number, total: number) {
      const { at, size } = find(name);
      if (size === 0) {
        if (at + total > image.length) return false;
        const header = Buffer.alloc(HEADER);
        header.writeUInt32LE(total);
        header.write(name, 4, 'latin1');
        clear(at - HEADER, header);
      }
      clear(at + offset, data);
      return true;
    },
  };
  return { flash, storage };
}

function timersOn(timeline: Timeline) {
  const running = new Map<number, () => void>();
  let last = 0;
  function start(callback: () => void, milliseconds: number, isRepeated: boolean): number {
    last += 1;
    const id = last;
    const arm = (): void => {
      const cancel = timeline.at(timeline.now() + Math.max(milliseconds, 1) / 1000, () => {
        if (isRepeated) arm();
        else running.delete(id);
        callback();
      });
      running.set(id, cancel);
    };
    arm();
    return id;
  }
  function stop(id: number): void {
    if (typeof id !== 'number') throw new Error('no timer');
    running.get(id)?.();
    running.delete(id);
  }
  return {
    setTimeout: (callback: () => void, milliseconds: number) => start(callback, milliseconds, false),
    setInterval: (callback: () => void, milliseconds: number) => start(callback, milliseconds, true),
    clearTimeout: stop,
    clearInterval: stop,
  };
}

const latin1 = (data: Uint8Array | string): Buffer =>
  typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data.buffer, data.byteOffset, data.length);

function toUint8Array(data: string | ArrayLike<unknown>): Uint8Array {
  if (typeof data === 'string') return new Uint8Array(latin1(data));
  return new Uint8Array(
    Array.from(data).flatMap((part) => (typeof part === 'number' ? part : [...(part as Uint8Array)])),
  );
}

const natives = {
  setConsole: () => {},
  on: () => {},
  toUint8Array,
  toString: (data: Uint8Array) => latin1(data).toString('latin1'),
  CRC32: crc32,
  sum: (data: Uint8Array) => data.reduce((sum, byte) => sum + byte, 0),
  mapInPlace(from: Uint8Array, to: Uint8Array, map: (value: number) => number) {
    for (const [i, value] of from.entries()) to[i] = map(value);
  },
};

/**
 * Powers a board up. `storage`: bytes; its counter begins at 1970. `installed`: the script's form in Storage. `bluetooth`: it is
 * spoken to over that.
 */
export function startVmBoard(
  code: string,
  seed: number,
  storage: number,
  installed = code,
  bluetooth = false,
): VmBoard {
  const timeline = new Timeline(0, () => 0);
  const image = Buffer.from(storageImage(storage, { '.boot0': installed }));
  const { flash, storage: Storage } = flashAt(image);
  const listeners: Listener[] = [];
  const reports: Report[] = [];
  const random = seededRandom(seed);
  let fromToken: (chunk: Uint8Array) => void = () => {};

  const emit = (data: string): void => {
    for (const listener of listeners) listener(data);
  };
  const command = (what: object): void => emit(`\n${JSON.stringify(what)}\n`);

  /** The same frames in packets, for a board that has Bluetooth alone. */
  const fromAir = packetReader((frame) => fromToken(encodeLine(frame)));
  const toAir = lineReader(FRAME_MAX, (frame) =>
    command({ t: 'packets', data: Buffer.from(encodePacket(frame)).toString('base64') }),
  );

  function take(report: Report): void {
    if (report.t === 'packets') {
      fromAir.read(Buffer.from(report.data as string, 'base64'));
      return;
    }
    reports.push({ ...report, at: timeline.now() });
    if (report.t !== 'scan') return;
    for (const { payload, rssi } of board.around) {
      timeline.at(timeline.now() + 0.1, () => command({ t: 'heard', data: [...payload], rssi }));
    }
  }

  const modules: Record<string, object> = {
    Flash: flash,
    Storage,
    crypto: {
      SHA256: (data: Uint8Array) => new Uint8Array(createHash('sha256').update(data).digest()).buffer,
    },
  };
  const globals: Record<string, unknown> = {
    process: { memory: () => ({ usage: 0, total: 0 }) },
    // The script's typed arrays are the host's, as is what goes in and out.
    ...{ Uint8Array, Int8Array, Uint16Array, Int16Array, Uint32Array, Int32Array, Float64Array, ArrayBuffer },
    ...timersOn(timeline),
    E: { ...natives },
    USB: {
      on: (_event: string, listener: Listener) => listeners.push(listener),
      write(data: string | Uint8Array) {
        if (typeof data === 'string') take(JSON.parse(data));
        else fromToken(data);
      },
    },
    Graphics: { createCallback: blankScreen },
    getTime: timeline.now,
    require: (name: string) => modules[name],
    atob: (text: string) => Buffer.from(text, 'base64').toString('latin1'),
    btoa: (data: string | Uint8Array) => latin1(data).toString('base64'),
  };

  const board: VmBoard = {
    connect() {
      const { tokenEnd, counterEnd } = cable();
      fromToken = tokenEnd.write;
      tokenEnd.onData(bluetooth ? toAir : (chunk) => emit(latin1(chunk).toString('latin1')));
      const clock = {
        monotonic: timeline.now,
        after: (seconds: number, callback: () => void) => timeline.at(timeline.now() + seconds, callback),
      };
      return new TokenLink(counterEnd, { random, clock });
    },
    reports,
    around: [],
    now: timeline.now,
    advance: (seconds) => timeline.advance(timeline.now() + seconds),
    async settled(promise) {
      let isSettled = false;
      const note = (): void => {
        isSettled = true;
      };
      promise.then(note, note);
      await turn();
      for (let steps = 0; !isSettled; steps++) {
        if (steps > STEPS_MAX) throw new Error('nothing happens any more');
        board.advance(STEP);
        await turn();
      }
      return promise;
    },
    press: (seconds) => command({ t: 'press', seconds }),
    image: () => Buffer.from(image),
  };

  const context = createContext(globals);
  globals.global = runInContext('this', context);
  const simulation = { seed, speed: 1, unix: 0, cut: 0, battery: 80, bluetooth };
  runInContext(`var SIM=${JSON.stringify(simulation)};\n${STAND_IN}`, context);
  runInContext(code, context);
  return board;
}
