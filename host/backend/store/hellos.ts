/** The hellos of one contact as one byte string: 15 bytes each, time u32 | time16 u16 | MAC 5 | power float32. */
import { copyOf, putU16, putU32, u16At, u32At } from '../../../device/bytes.js';

/** The power of a HELLO that was heard by a radio that did not measure it: evidence that somebody was there, never scored. */
export const POWER_UNKNOWN = 127;

/** One reception, as a report carries it. */
export interface Hello {
  /** Reception, whole NTP seconds. */
  received: number;
  /** Low 16 bits of the sender's time. */
  time16: number;
  /** 5 bytes. */
  mac: Uint8Array;
  /** Calibrated power, dBm, or `POWER_UNKNOWN`; tokens report quarters of a dB. */
  rssi: number;
}

const LENGTH = 15;

export function packHellos(hellos: Hello[]): Uint8Array {
  const out = new Uint8Array(hellos.length * LENGTH);
  const view = new DataView(out.buffer);
  hellos.forEach((hello, index) => {
    const at = index * LENGTH;
    putU32(out, at, hello.received);
    putU16(out, at + 4, hello.time16);
    out.set(hello.mac, at + 6);
    view.setFloat32(at + 11, hello.rssi);
  });
  return out;
}

export function unpackHellos(packed: Uint8Array): Hello[] {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const hellos: Hello[] = [];
  for (let at = 0; at + LENGTH <= packed.length; at += LENGTH) {
    hellos.push({
      received: u32At(packed, at),
      time16: u16At(packed, at + 4),
      mac: copyOf(packed, at + 6, at + 11),
      rssi: view.getFloat32(at + 11),
    });
  }
  return hellos;
}
