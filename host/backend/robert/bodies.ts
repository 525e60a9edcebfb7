/** The bodies of /api/v6: their schemas, and what is decoded from them. Unknown fields are ignored, as the reference does. */
import { Type } from '@sinclair/typebox';
import { u32At } from '../../../device/bytes.js';
import { EBID_LENGTH, HELLO_MAC_LENGTH } from '../../../device/robert/hello.js';
import { REQUEST_MAC_LENGTH } from '../../../device/robert/requests.js';
import type { Contact } from '../store/contacts.js';
import type { Hello } from '../store/hellos.js';
import type { AuthRequest } from './verify.js';

const TIME_LENGTH = 4;
const NTP_MAX = 0xffffffff;
/** Calibration can shift a power beyond what a radio measures; what stands for "not available" lies within. */
const RSSI_MIN = -256;
const RSSI_MAX = 127;

const filled = Type.String({ minLength: 1 });

export const CaptchaBody = Type.Object({
  type: Type.Union([Type.Literal('IMAGE'), Type.Literal('AUDIO')]),
  locale: filled,
});

export const RegisterBody = Type.Object({ captcha: filled, captchaId: filled, clientPublicECDHKey: filled });

/** Base64: 8, 4 and 32 bytes. */
export const AuthBody = Type.Object({
  ebid: Type.String({ minLength: 12, maxLength: 12 }),
  epochId: Type.Integer({ minimum: 0, maximum: 0x7fffffff }),
  time: Type.String({ minLength: 8, maxLength: 8 }),
  mac: Type.String({ minLength: 44, maxLength: 44 }),
});

/** The contacts are read by `readContacts`, once the code has been found alive. */
export const ReportBody = Type.Object({ token: Type.String(), contacts: Type.Array(Type.Unknown()) });

/** What Java's decoder takes for base64: its alphabet, with padding at the end. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Undefined for what is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  return BASE64.test(text) ? new Uint8Array(Buffer.from(text, 'base64')) : undefined;
}

/**
 * The fields of an authenticated call; 'not-base64' and 'wrong-length' are different answers of the reference.
 */
export function readAuth(body: {
  ebid: string;
  epochId: number;
  time: string;
  mac: string;
}): AuthRequest | 'not-base64' | 'wrong-length' {
  const ebid = decodeBase64(body.ebid);
  const time = decodeBase64(body.time);
  const mac = decodeBase64(body.mac);
  if (ebid === undefined || time === undefined || mac === undefined) return 'not-base64';
  if (ebid.length !== EBID_LENGTH || time.length !== TIME_LENGTH || mac.length !== REQUEST_MAC_LENGTH) {
    return 'wrong-length';
  }
  return { ebid, epochId: body.epochId, time: u32At(time, 0), mac };
}

/**
 * The contacts of a report, or undefined when any field of any of them is missing or out of range: what comes in here
 * goes through validation and score without a further question. Contacts without a HELLO are left out.
 */
export function readContacts(list: unknown[]): Contact[] | undefined {
  const contacts: Contact[] = [];
  for (const entry of list) {
    const contact = readContact(entry);
    if (contact === undefined) return undefined;
    if (contact.hellos.length > 0) contacts.push(contact);
  }
  return contacts;
}

function readContact(entry: unknown): Contact | undefined {
  const { ebid, ecc, ids } = fieldsOf(entry);
  const ebidBytes = bytesOf(ebid, EBID_LENGTH);
  const eccBytes = bytesOf(ecc, 1);
  if (ebidBytes === undefined || eccBytes === undefined || !Array.isArray(ids)) return undefined;
  const hellos: Hello[] = [];
  for (const id of ids) {
    const hello = readHello(id);
    if (hello === undefined) return undefined;
    hellos.push(hello);
  }
  return { ebid: ebidBytes, ecc: eccBytes[0]!, hellos };
}

function readHello(entry: unknown): Hello | undefined {
  const { timeCollectedOnDevice, timeFromHelloMessage, mac, rssiCalibrated } = fieldsOf(entry);
  const received = integerOf(timeCollectedOnDevice, 0, NTP_MAX);
  const time16 = integerOf(timeFromHelloMessage, 0, 0xffff);
  const rssi = integerOf(rssiCalibrated, RSSI_MIN, RSSI_MAX);
  const macBytes = bytesOf(mac, HELLO_MAC_LENGTH);
  if (received === undefined || time16 === undefined || rssi === undefined || macBytes === undefined) return undefined;
  return { received, time16, mac: macBytes, rssi };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function bytesOf(value: unknown, length: number): Uint8Array | undefined {
  const bytes = typeof value === 'string' ? decodeBase64(value) : undefined;
  return bytes?.length === length ? bytes : undefined;
}

function integerOf(value: unknown, minimum: number, maximum: number): number | undefined {
  return Number.isInteger(value) && (value as number) >= minimum && (value as number) <= maximum
    ? (value as number)
    : undefined;
}
