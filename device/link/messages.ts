/**
 * Every message between the counter and the token, as data: CBOR arrays [version, type, fields...] whose fields are
 * checked against one table on both sides, before sending and on arrival (docs/spec/link.md, which a test holds to
 * this table). The host asks, the token answers with type + 128, or with [version, 127, fault, detail].
 */

import { FAULTS, type Fault, fault, faultName } from '../faults.js';
import { decode, encode, type Value } from './cbor.js';

export const LINK_VERSION = 1;
export const REPLY = 128;
export const ERROR_REPLY = 127;

/**
 * The most that one chunk of a stream should carry: with its seven bytes of CBOR it fills four frames of 256 bytes
 * exactly. A single log batch that is larger travels as one larger chunk.
 */
export const CHUNK_BYTES = 989;

interface NumberField {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
}

interface BytesField {
  readonly kind: 'bytes';
  readonly min: number;
  readonly max: number;
}

interface TextField {
  readonly kind: 'text';
  readonly min: number;
  readonly max: number;
}

/** `min` and `max` bound a number, or the length of bytes or text. */
export type Field = NumberField | BytesField | TextField;
export type FieldValue = number | string | Uint8Array;
/** Fields in the order in which they travel. */
export type Shape = { readonly [name: string]: Field };
export type FieldsOf<S extends Shape> = {
  [K in keyof S]: S[K] extends NumberField ? number : S[K] extends TextField ? string : Uint8Array;
};

function number(min: number, max: number): NumberField {
  return { kind: 'number', min, max };
}

function bytes(min: number, max: number): BytesField {
  return { kind: 'bytes', min, max };
}

function text(min: number, max: number): TextField {
  return { kind: 'text', min, max };
}

/** The table, made anew: it is large, and a token holds it only while a counter talks. */
function messageTable() {
  const U8 = number(0, 0xff);
  const U32 = number(0, 0xffffffff);
  const FLAG = number(0, 1);
  const B16 = bytes(16, 16);
  const B32 = bytes(32, 32);
  const NAME = text(0, 32);
  // A report code is 6 characters or a signed token of some hundreds.
  const CODE = text(0, 1024);
  const DAYS = number(0, 22);
  const PAGES = number(0, 24);
  const NOTHING = {};
  const CONSENT = { state: number(0, 3), secondsLeft: U8 };
  const CHUNK = { chunk: bytes(0, 2041) };

  return {
    hello: {
      type: 1,
      stream: false,
      request: NOTHING,
      reply: {
        life: number(0, 4),
        board: NAME,
        firmware: NAME,
        battery: U8,
        needs: U8,
        goodForDays: U8,
        wiped: FLAG,
      },
    },
    provision: {
      type: 2,
      stream: false,
      request: { kAuth: B32, kEnc: B32, enc: B32, secret: B32, nonce: B16, gatewayKey: B32 },
      reply: NOTHING,
    },
    request: {
      type: 3,
      stream: false,
      request: { kind: number(2, 3), courierTime: U32 },
      // A share for new keys goes along until an answer whose sealed head has ORDER_RENEWED says that the server took it.
      reply: {
        ebid: bytes(8, 8),
        epochId: U32,
        time: U32,
        mac: B32,
        nonce: B16,
        share: bytes(0, 32),
        shareMac: bytes(0, 32),
      },
    },
    head: {
      type: 4,
      stream: false,
      request: { sealed: bytes(144, 144) },
      reply: { nextDay: DAYS, dayCount: DAYS },
    },
    day: {
      type: 5,
      stream: false,
      request: { index: number(0, 21), sealed: bytes(880, 880) },
      reply: { nextDay: DAYS, applied: FLAG },
    },
    consent: { type: 6, stream: false, request: { kind: number(1, 2), code: CODE }, reply: CONSENT },
    consentState: { type: 7, stream: false, request: NOTHING, reply: CONSENT },
    report: {
      type: 8,
      stream: false,
      request: { code: CODE },
      reply: {
        reportId: B16,
        encs: bytes(32, 64),
        header: bytes(32, 1024),
        firstBatch: U32,
        lastBatch: U32,
        batches: U32,
      },
    },
    fetch: { type: 9, stream: true, request: { from: U32 }, reply: CHUNK },
    kept: { type: 10, stream: false, request: { reportId: B16 }, reply: NOTHING },
    receipt: { type: 11, stream: false, request: { reportId: B16, mac: B16 }, reply: NOTHING },
    wipeProof: { type: 12, stream: false, request: NOTHING, reply: { proof: bytes(0, 32) } },
    awaiting: { type: 13, stream: false, request: NOTHING, reply: { reportId: bytes(0, 16) } },
    // What the release keys have signed (docs/spec/update.md). Versions are numbers, 0 where there is none.
    trust: {
      type: 14,
      stream: false,
      request: NOTHING,
      reply: { root: U32, configuration: U32, running: U32, staged: U32, nextPage: PAGES, pages: PAGES, trial: FLAG },
    },
    offer: {
      type: 15,
      stream: false,
      request: { kind: number(1, 3), body: bytes(1, 1024) },
      reply: { known: FLAG },
    },
    proof: {
      type: 16,
      stream: false,
      request: { key: B32, at: number(0, 7855), piece: bytes(1, 512) },
      reply: { next: number(0, 7856), accepted: FLAG },
    },
    page: {
      type: 17,
      stream: false,
      request: { index: number(0, 23), at: number(0, 4095), piece: bytes(1, 1024) },
      reply: { nextPage: PAGES, nextAt: number(0, 4095) },
    },
    install: { type: 18, stream: false, request: NOTHING, reply: { seconds: U8 } },
    blink: { type: 19, stream: false, request: { colour: number(0, 5) }, reply: NOTHING },
  } as const;
}

/** The table. A `stream` is answered by many replies, of which the last has an empty chunk. */
export const MESSAGES = messageTable();

export type MessageName = keyof typeof MESSAGES;
export type RequestOf<N extends MessageName> = FieldsOf<(typeof MESSAGES)[N]['request']>;
export type ReplyOf<N extends MessageName> = FieldsOf<(typeof MESSAGES)[N]['reply']>;
/** A request with its name: one member of the union for every message. */
export type Request = { [N in MessageName]: { name: N; fields: RequestOf<N> } }[MessageName];

/** Requests of `kind` in message `request`; the numbers are ROBERT's MAC salts. */
export const REQUEST_STATUS = 2;
export const REQUEST_UNREGISTER = 3;
/** What message `consent` asks the wearer to agree to. */
export const CONSENT_REPORT = 1;
export const CONSENT_FORGET = 2;
/** `state` of a consent. */
export const CONSENT_NONE = 0;
export const CONSENT_ASKED = 1;
export const CONSENT_GIVEN = 2;
export const CONSENT_LAPSED = 3;
/** Bits of `needs` in the reply to hello. */
export const NEEDS_IDENTIFIERS = 1;
export const NEEDS_TIME = 2;
export const NEEDS_CHARGE = 4;
export const NEEDS_RECEIPT = 8;
/** `life` in the reply to hello. */
export const LIFE_BLANK = 0;
export const LIFE_TRACING = 1;
export const LIFE_SILENT = 2;
export const LIFE_PAUSED = 3;
export const LIFE_ENDED = 4;
/** `colour` of a blink. None is red: that is for at risk alone. */
export const COLOUR_BLUE = 0;
export const COLOUR_GREEN = 1;
export const COLOUR_YELLOW = 2;
export const COLOUR_VIOLET = 3;
export const COLOUR_CYAN = 4;
export const COLOUR_WHITE = 5;
export const BLINK_SECONDS = 60;

let held: typeof MESSAGES | undefined;

/** The token's copy of the table. */
function entries(): typeof MESSAGES {
  if (!held) held = messageTable();
  return held;
}

/** Gives back the memory of the table until the next message. */
export function forgetMessages(): void {
  held = undefined;
}

const ERROR_SHAPE = { code: number(0, 0xff), detail: number(0, 0xffffffff) };

function checked(field: Field, value: Value | undefined, index: number): FieldValue {
  let size = -1;
  if (field.kind === 'number' && typeof value === 'number') size = value;
  if (field.kind === 'text' && typeof value === 'string') size = value.length;
  if (field.kind === 'bytes' && value instanceof Uint8Array) size = value.length;
  if (size < field.min || size > field.max) throw fault('message-malformed', `field ${index}`);
  return value as FieldValue;
}

/** [version, type, fields...]; 'message-malformed' when a field is missing, of another type or out of its bounds. */
function toValues<S extends Shape>(type: number, shape: S, fields: FieldsOf<S>): Value[] {
  const values: Value[] = [LINK_VERSION, type];
  const names = Object.keys(shape);
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    values.push(checked(shape[name] as Field, fields[name], i));
  }
  return values;
}

/** The type of a message; 'message-version' for a version not known here, 'message-malformed' for no message at all. */
function typeOf(value: Value): number {
  if (typeof value !== 'object' || value instanceof Uint8Array) throw fault('message-malformed', 'no array');
  if (typeof value[0] !== 'number') throw fault('message-malformed', 'version');
  if (value[0] !== LINK_VERSION) throw fault('message-version', `version ${value[0]}`);
  if (typeof value[1] !== 'number') throw fault('message-malformed', 'type');
  return value[1];
}

/** The fields of a message whose type has been looked at; 'message-malformed' when they do not fit `shape`. */
function fromValues<S extends Shape>(shape: S, value: Value): FieldsOf<S> {
  const values = value as Value[];
  const names = Object.keys(shape);
  if (values.length !== names.length + 2) throw fault('message-malformed', 'count of fields');
  const fields: { [name: string]: FieldValue } = {};
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    fields[name] = checked(shape[name] as Field, values[i + 2], i);
  }
  return fields as FieldsOf<S>;
}

/** The request in a message, as the token receives it; 'message-unknown' for a type that is not in the table. */
export function unpackRequest(message: Uint8Array): Request {
  const value = decode(message);
  const type = typeOf(value);
  const table = entries();
  const names = Object.keys(table) as MessageName[];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as MessageName;
    const entry = table[name];
    if (entry.type === type) return { name, fields: fromValues(entry.request as Shape, value) } as Request;
  }
  throw fault('message-unknown', `type ${type}`);
}

/** The fault that an error reply carries; undefined when `value` is another message. */
export function refusalFrom(value: Value): Fault | undefined {
  if (typeOf(value) !== ERROR_REPLY) return undefined;
  const error = fromValues(ERROR_SHAPE, value);
  return fault(faultName(error.code), `refused with ${error.code}`, error.detail);
}

/** The reply to `name` in `value`; throws 'message-unknown' for a reply to anything else. */
export function replyFrom<N extends MessageName>(name: N, value: Value): ReplyOf<N> {
  const type = typeOf(value);
  if (type !== MESSAGES[name].type + REPLY) throw fault('message-unknown', `reply ${type}`);
  return fromValues(MESSAGES[name].reply as Shape, value) as ReplyOf<N>;
}

/** What the host encodes to ask; the host brings its own codec. */
export function requestValues<N extends MessageName>(name: N, fields: RequestOf<N>): Value[] {
  return toValues(MESSAGES[name].type, MESSAGES[name].request as Shape, fields);
}

/** The reply as the token sends it. */
export function packReply<N extends MessageName>(name: N, fields: ReplyOf<N>): Uint8Array {
  const entry = entries()[name];
  return encode(toValues(entry.type + REPLY, entry.reply as Shape, fields));
}

/** The error reply. A detail that is no unsigned integer (seconds with a fraction, say) is rounded up to one. */
export function packError(refusal: Fault): Uint8Array {
  const detail = Math.min(Math.max(Math.ceil(refusal.detail) || 0, 0), 0xffffffff);
  return encode([LINK_VERSION, ERROR_REPLY, FAULTS[refusal.fault], detail]);
}
