/** A serial line with a console's chatter, random bytes, broken frames and bit errors on it, in both directions. */
import { SerialPort } from 'serialport';
import { openPty, type Pty } from '../../host/link/pty.js';
import { chance } from '../support/chance.js';

const CONSOLE = [
  '=undefined\r\n>',
  '\r\n',
  'Uncaught InternalError: Timeout\r\n at line 1 col 1\r\n',
  '\u001b[J',
  '\x03',
];
/** Shares of the chunks that noise comes before, and that lose or change a byte. */
const NOISE = 0.2;
const DAMAGE = 0.02;
const RUN_ON = 5000;

export class NoisyLine {
  /** Pieces of noise so far, by kind. */
  readonly injected = {
    console: 0,
    random: 0,
    'half a frame': 0,
    'endless line': 0,
    'lost byte': 0,
    'changed byte': 0,
  };
  private readonly draw: () => number;
  private lastLine = Buffer.alloc(0);

  private constructor(
    seed: number,
    private readonly port: SerialPort,
    private readonly pty: Pty,
  ) {
    this.draw = chance(seed);
    pty.port.onData((chunk) => {
      for (const piece of this.spoil(Buffer.from(chunk))) port.write(piece);
    });
    port.on('data', (chunk: Buffer) => {
      for (const piece of this.spoil(chunk)) pty.port.write(piece);
    });
    port.on('error', () => undefined);
  }

  /** Puts itself between the token at `path` and whoever opens its own `path`. */
  static async open(path: string, seed: number): Promise<NoisyLine> {
    const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false, hupcl: false });
    await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
    return new NoisyLine(seed, port, openPty());
  }

  get path(): string {
    return this.pty.path;
  }

  private spoil(chunk: Buffer): Buffer[] {
    const noise = this.draw() < NOISE ? [this.noise()] : [];
    if (chunk.includes(10)) this.lastLine = Buffer.from(chunk);
    return [...noise, this.damage(chunk)];
  }

  private noise(): Buffer {
    const kind = Math.floor(this.draw() * 20);
    if (kind === 0) {
      this.injected['endless line'] += 1;
      return Buffer.alloc(RUN_ON, 0x41);
    }
    if (kind < 7) {
      this.injected.console += 1;
      return Buffer.from(CONSOLE[Math.floor(this.draw() * CONSOLE.length)] ?? '');
    }
    if (kind < 13) {
      this.injected['half a frame'] += 1;
      return this.lastLine.subarray(0, Math.floor(this.draw() * this.lastLine.length));
    }
    this.injected.random += 1;
    return Buffer.from(Array.from({ length: 1 + Math.floor(this.draw() * 80) }, () => Math.floor(this.draw() * 256)));
  }

  private damage(chunk: Buffer): Buffer {
    const fate = this.draw();
    const at = Math.floor(this.draw() * chunk.length);
    if (fate < DAMAGE / 2) {
      this.injected['lost byte'] += 1;
      return Buffer.concat([chunk.subarray(0, at), chunk.subarray(at + 1)]);
    }
    if (fate < DAMAGE) {
      this.injected['changed byte'] += 1;
      const changed = Buffer.from(chunk);
      changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(this.draw() * 8));
      return changed;
    }
    return chunk;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => (this.port.isOpen ? this.port.close(() => resolve()) : resolve()));
    this.pty.close();
  }
}
