/**
 * What a StopCovid phone says and understands (Android client 4.2.4), written from the description of its bytes and not from the
 * token's code:
 *
 *   advert : 02 01 06 | 03 03 64 FD | 15 16 64 FD HELLO (16) version 02 tx gain (signed)
 *   HELLO  : ECC | EBID (8) | time16, big-endian | first 5 bytes of HMAC-SHA256(K_auth, 01 + the 11 bytes before)
 */
import { createHmac } from 'node:crypto';

const HEAD = Buffer.from('020106030364fd151664fd', 'hex');
const SERVICE = Buffer.from('64fd', 'hex');
const COMPLETE_UUIDS = 0x03;
const SERVICE_DATA = 0x16;

export function macOf(kAuth: Uint8Array, first11: Uint8Array): Buffer {
  return createHmac('sha256', kAuth)
    .update(Buffer.from([1]))
    .update(first11)
    .digest()
    .subarray(0, 5);
}

/** `hello`: 16 bytes. */
export function phoneAdvert(hello: Uint8Array, txGain: number): Buffer {
  return Buffer.concat([HEAD, hello, Buffer.from([2, txGain & 0xff])]);
}

export interface PhoneHeard {
  ecc: number;
  ebid: Buffer;
  time16: number;
  mac: Buffer;
  /** What the MAC is made of, but for its prefix. */
  first11: Buffer;
  version: number;
  txGain: number;
}

/** What the phone's scanner takes out of an advert: its filter wants the service in the list or the data, then 18 bytes and more. */
export function phoneParse(advert: Uint8Array): PhoneHeard | undefined {
  const bytes = Buffer.from(advert);
  let hasService = false;
  let data: Buffer | undefined;
  for (let at = 0; at < bytes.length && bytes[at] !== 0; at += 1 + bytes.readUInt8(at)) {
    const field = bytes.subarray(at + 1, at + 1 + bytes.readUInt8(at));
    if (field[0] === COMPLETE_UUIDS && field.subarray(1).includes(SERVICE)) hasService = true;
    if (field[0] === SERVICE_DATA && field.subarray(1, 3).equals(SERVICE)) data = field.subarray(3);
  }
  if (data === undefined || !hasService || data.length < 18) return undefined;
  return {
    ecc: data.readUInt8(0),
    ebid: data.subarray(1, 9),
    time16: data.readUInt16BE(9),
    mac: data.subarray(11, 16),
    first11: data.subarray(0, 11),
    version: data.readUInt8(16),
    txGain: data.readInt8(17),
  };
}
