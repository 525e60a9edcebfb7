/**
 * A Puck.js on the real interpreter: its Linux build with the board's exact memory and Storage. The firmware has Storage to
 * itself, so the stand-in (puck-stand-in.js) is run from outside. Switched on by `ESPRUINO_PUCK`, the path of such a binary.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { FRAME_MAX } from '../../../device/link/frame.js';
import { encodeLine, lineReader } from '../../../device/link/lines.js';
import { encodePacket, packetReader } from '../../../device/link/packets.js';
import { openPty } from '../../../host/link/pty.js';
import { storageImage } from '../../../tools/firmware/image.js';

/** Undefined when there is no such interpreter on this machine. */
export const ESPRUINO_PUCK = process.env.ESPRUINO_PUCK && resolve(process.env.ESPRUINO_PUCK);
if (!ESPRUINO_PUCK) process.stdout.write('skipped: no ESPRUINO_PUCK\n');

/** Before the base64 of packets, of which one has so many bytes at most: those of a board whose MTU is 53. */
const MARK = '!';
const PACKET = 50;
const STORAGE_BYTES = 40 << 10;
const STORAGE_FILE = 'espruino.flash';
const STAND_IN_FILE = 'stand-in.js';
/** Not the name of a file that the interpreter runs by itself: the stand-in comes first. */
const SCRIPT_FILE = 'galet';

export interface PuckSettings {
  /** Unix seconds at which the board's counter starts. */
  unix: number;
  /** Simulated seconds a second. */
  speed: number;
  seed: number;
  /** The flash operation after which the power is cut, counted from the start; 0 for never. */
  cut: number;
  /** Blocks that are in use before the firmware begins: what a test takes away from it. */
  own: number;
}

export type PuckReport = { t: string; at: number; [field: string]: unknown };

/** Blocks: in use, of these before the firmware began, in all; and flash operations so far. */
export type PuckMemory = Record<'usage' | 'own' | 'total' | 'ops', number>;

/** The board's Storage as it is sold to a wearer. */
export function puckImage(script: Uint8Array): Uint8Array {
  return storageImage(STORAGE_BYTES, { [SCRIPT_FILE]: Buffer.from(script).toString('latin1') });
}

// The interpreter keeps the text of what it was given to run.
const STAND_IN = readFileSync(join(import.meta.dirname, 'puck-stand-in.js'), 'latin1')
  .replace(/^\s*\/\/.*\n/gm, '')
  .replace(/\n\s*/g, '\n');

const running = new Set<ChildProcess>();
// Whatever happens to this test process, no interpreter stays behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export class Puck {
  readonly reports: PuckReport[] = [];
  /** What left the serial line and was no report. */
  output = '';
  ended: Promise<unknown> = Promise.resolve();
  private readonly folder = mkdtempSync(join(tmpdir(), 'galet-puck-'));
  private readonly pty = openPty();
  private child: ChildProcess | undefined;
  private rest = Buffer.alloc(0);
  private readonly packets = packetReader((frame) => this.pty.port.write(encodeLine(frame)));

  constructor(image: Uint8Array, settings: PuckSettings) {
    writeFileSync(join(this.folder, STORAGE_FILE), image);
    // The board has Bluetooth alone; whoever opens the port finds the same frames there in lines.
    const lines = lineReader(FRAME_MAX, (frame) => this.send(encodePacket(frame)));
    this.pty.port.onData(lines);
    this.start(settings);
  }

  /** The serial port that a counter opens. */
  get path(): string {
    return this.pty.path;
  }

  get image(): Uint8Array {
    return new Uint8Array(readFileSync(join(this.folder, STORAGE_FILE)));
  }

  /** Switches the board on, with the Storage that it has. */
  start(settings: PuckSettings): void {
    writeFileSync(join(this.folder, STAND_IN_FILE), `var SIM=${JSON.stringify(settings)};\n${STAND_IN}`);
    const child = spawn(ESPRUINO_PUCK as string, [STAND_IN_FILE], {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.child = child;
    this.rest = Buffer.alloc(0);
    this.packets.reset();
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => this.take(chunk));
    running.add(child);
    this.ended = once(child, 'exit').then(() => running.delete(child));
  }

  private take(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (let end = this.rest.indexOf(10); end >= 0; end = this.rest.indexOf(10)) {
      const line = this.rest.subarray(0, end + 1);
      this.rest = this.rest.subarray(end + 1);
      const at = line.indexOf('{"t":');
      const mark = line.lastIndexOf(MARK);
      if (at >= 0) this.reports.push(JSON.parse(line.subarray(at).toString('latin1')) as PuckReport);
      else if (mark >= 0) this.packets.read(Buffer.from(line.subarray(mark + 1).toString('latin1'), 'base64'));
      else this.output += line.toString('latin1');
    }
  }

  private write(bytes: Uint8Array | string): void {
    if (this.child?.exitCode === null && this.child.signalCode === null) this.child.stdin?.write(bytes);
  }

  heard(payload: ArrayLike<number>, rssi: number): void {
    this.command({ t: 'heard', data: Array.from(payload), rssi });
  }

  press(seconds: number): void {
    this.command({ t: 'press', seconds });
  }

  /** A command of puck-stand-in.js. */
  command(command: { t: string; [field: string]: unknown }): void {
    this.write(`\n${JSON.stringify(command)}\n`);
  }

  /** Packets from whoever is connected. */
  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += PACKET) {
      this.write(`\n${MARK}${Buffer.from(bytes.subarray(at, at + PACKET)).toString('base64')}\n`);
    }
  }

  /** Whether the board lets a counter connect. */
  async connect(): Promise<boolean> {
    const found = this.next('connected');
    this.command({ t: 'connect' });
    return (await found).is as boolean;
  }

  type(bytes: Uint8Array | string): void {
    this.write(bytes);
  }

  /** The next report of a kind that comes; rejects when the board has ended. */
  async next(kind: string): Promise<PuckReport> {
    let from = this.reports.length;
    let isOver = false;
    void this.ended.then(() => {
      isOver = true;
    });
    for (;;) {
      const found = this.reports.slice(from).find(({ t }) => t === kind);
      if (found) return found;
      from = Math.max(from, this.reports.length - 1);
      if (isOver) throw new Error(`the board ended: ${this.output.slice(-500)}`);
      await new Promise((wake) => setTimeout(wake, 5));
    }
  }

  memory(): Promise<PuckMemory> {
    const found = this.next('memory');
    this.write('\n{"t":"memory"}\n');
    return found as unknown as Promise<PuckMemory>;
  }

  /** The power goes. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.ended;
  }

  async close(): Promise<void> {
    await this.kill();
    this.pty.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
