/**
 * HCI packets as they travel over a UART (Bluetooth Core Specification, vol 4 part A, section 2):
 *
 *   command: 01 | opcode u16 | length u8 | parameters       controller's event: 04 | code u8 | length u8 | parameters
 *   ACL data: 02 | handle and flags u16 | length u16 | data
 */

export const HCI_COMMAND = 1;
export const HCI_ACL = 2;
export const HCI_EVENT = 4;

/** Bytes of the header, its type included, by type. */
const HEADERS: Record<number, number> = { [HCI_COMMAND]: 4, [HCI_ACL]: 5, [HCI_EVENT]: 3 };

function lengthOf(bytes: Buffer): number | undefined {
  const header = HEADERS[bytes[0] as number];
  if (header === undefined || bytes.length < header) return undefined;
  return header + (bytes[0] === HCI_ACL ? bytes.readUInt16LE(3) : bytes.readUInt8(header - 1));
}

/** Hands on each whole packet of a stream of chunks; a byte that begins none is skipped. */
export function packetSplitter(onPacket: (packet: Buffer) => void): (chunk: Uint8Array) => void {
  let held: Buffer = Buffer.alloc(0);
  return (chunk) => {
    held = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
    let at = 0;
    while (at < held.length) {
      if (HEADERS[held[at] as number] === undefined) {
        at += 1;
        continue;
      }
      const length = lengthOf(held.subarray(at));
      if (length === undefined || at + length > held.length) break;
      onPacket(held.subarray(at, at + length));
      at += length;
    }
    held = held.subarray(at);
  };
}

/** The packet of an event. */
export function eventPacket(code: number, parameters: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([HCI_EVENT, code, parameters.length]), parameters]);
}

/** The packet of a command. `opcode`: group and command, as `OGF << 10 | OCF`. */
export function commandPacket(opcode: number, parameters: Uint8Array): Buffer {
  const head = Buffer.from([HCI_COMMAND, opcode & 0xff, opcode >> 8, parameters.length]);
  return Buffer.concat([head, parameters]);
}
