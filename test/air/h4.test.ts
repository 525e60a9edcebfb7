import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandPacket, eventPacket, HCI_ACL, packetSplitter } from '../../tools/air/h4.js';

function split(chunks: Uint8Array[]): string[] {
  const packets: string[] = [];
  const take = packetSplitter((packet) => packets.push(packet.toString('hex')));
  for (const chunk of chunks) take(chunk);
  return packets;
}

const aclPacket = (data: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([HCI_ACL, 0x2a, 0x20, data.length & 0xff, data.length >> 8]), data]);

const bytes = (max: number) => fc.uint8Array({ maxLength: max });
const packet = fc.oneof(
  fc.tuple(fc.nat(0xffff), bytes(255)).map(([opcode, data]) => commandPacket(opcode, data)),
  fc.tuple(fc.nat(0xff), bytes(255)).map(([code, data]) => eventPacket(code, data)),
  bytes(600).map(aclPacket),
);

describe('HCI packets on a UART', () => {
  it('are found again wherever the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), fc.array(fc.nat(40), { minLength: 1 }), (packets, sizes) => {
        const stream = Buffer.concat(packets);
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = 1 + (sizes[i % sizes.length] as number);
          chunks.push(stream.subarray(at, at + size));
          at += size;
        }
        expect(split(chunks)).toEqual(packets.map((one) => one.toString('hex')));
      }),
    );
  });

  it('have lengths as the Core Specification lays them out', () => {
    expect(commandPacket(0x200a, Uint8Array.of(1)).toString('hex')).toBe('010a200101');
    expect(eventPacket(0x0e, Uint8Array.of(1, 3, 12, 0)).toString('hex')).toBe('040e0401030c00');
  });

  it('are found after bytes that begin none', () => {
    const reset = commandPacket(0x0c03, new Uint8Array());
    expect(split([Buffer.concat([Buffer.from([0, 0xff, 7]), reset])])).toEqual([reset.toString('hex')]);
  });
});
