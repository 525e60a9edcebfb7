import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type EmulatedAir, startAir, whyNoAir } from '../../tools/air/btvirt.js';
import { commandPacket, packetSplitter } from '../../tools/air/h4.js';
import { Room, rssiAt } from '../../tools/air/room.js';

const GAINS = { txGain: -15, rxGain: -5 };
const missing = whyNoAir();
if (missing !== undefined) console.log(`skipped: ${missing}`);

/** A host that is nothing but its HCI commands. */
class Host {
  readonly reports: Buffer[] = [];
  private readonly fd: number;
  private readonly take = packetSplitter((packet) => {
    if (packet[1] === 0x3e && packet[3] === 0x02) this.reports.push(Buffer.from(packet));
  });

  constructor(path: string) {
    this.fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  }

  async command(opcode: number, ...parameters: number[]): Promise<void> {
    writeSync(this.fd, commandPacket(opcode, Uint8Array.from(parameters)));
    await sleep(50);
    this.read();
  }

  private read(): void {
    const chunk = Buffer.alloc(4096);
    try {
      for (;;) this.take(chunk.subarray(0, readSync(this.fd, chunk)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }

  async advertise(address: number[]): Promise<void> {
    await this.command(0x0c03);
    await this.command(0x2005, ...address);
    await this.command(0x2006, 0xa0, 0, 0xa0, 0, 3, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0);
    await this.command(0x2008, 3, 2, 1, 6, ...new Array<number>(28).fill(0));
    await this.command(0x200a, 1);
  }

  async scan(): Promise<void> {
    await this.command(0x0c03);
    await this.command(0x2001, 0x1f, 0, 0, 0, 0, 0, 0, 0);
    await this.command(0x200b, 0, 0x10, 0, 0x10, 0, 0, 0);
    await this.command(0x200c, 1, 0);
    await this.command(0x200c, 0, 0);
  }

  close(): void {
    closeSync(this.fd);
  }
}

describe('the power between two seats', () => {
  it('is what the gains make of −40 dBm at one metre, and falls with the distance', () => {
    expect(rssiAt(1, GAINS)).toBe(-60);
    expect(rssiAt(10, GAINS)).toBe(-82);
    expect(rssiAt(0.1, GAINS)).toBe(rssiAt(0.4, GAINS));
  });
});

describe.skipIf(missing !== undefined)('a room in an emulated air', () => {
  let air: EmulatedAir | undefined;
  let room: Room | undefined;
  const hosts: Host[] = [];

  afterEach(async () => {
    for (const host of hosts.splice(0)) host.close();
    room?.close();
    await air?.close();
  });

  it('puts the power of the seat into the report of whoever advertises from there, and none for a stranger', async () => {
    air = await startAir();
    room = new Room(air, GAINS);
    const seen: string[] = [];
    const speaker = new Host((await room.plug({ x: 0, y: 0 })).path);
    const listener = new Host(
      (await room.plug({ x: 10, y: 0 }, (direction, packet) => seen.push(`${direction} ${packet[0]}`))).path,
    );
    hosts.push(speaker, listener);
    await speaker.advertise([1, 2, 3, 4, 5, 6]);
    await listener.scan();
    expect(listener.reports).toHaveLength(1);
    const report = listener.reports[0] as Buffer;
    expect(report.subarray(7, 13).toString('hex')).toBe('010203040506');
    expect(report.readInt8(report.length - 1)).toBe(-82);
    expect(seen).toContain('controller 1');
    expect(seen).toContain('host 4');

    const stranger = new Room(air, GAINS);
    const other = new Host((await stranger.plug({ x: 0, y: 0 })).path);
    hosts.push(other);
    await other.advertise([9, 9, 9, 9, 9, 9]);
    await listener.scan();
    const last = listener.reports.find((one) => one[7] === 9) as Buffer;
    expect(last.readInt8(last.length - 1)).toBe(127);
    stranger.close();
  });
});
