/**
 * What the holders of the release keys sign (docs/spec/update.md): the keys themselves, the token's configuration, and
 * releases of firmware. Each is a CBOR array in the link's strict profile, beginning [1, label, version, issued]; the label
 * is also the context under which it is signed, so that a signature of one kind is worth nothing for another.
 */
import { ascii, copyOf } from '../bytes.js';
import { fault } from '../faults.js';
import { decode, encode, type Value } from '../link/cbor.js';

const FORMAT = 1;
export const ROOT = 1;
export const CONFIGURATION = 2;
export const RELEASE = 3;
const LABELS = ['', 'galet root', 'galet configuration', 'galet release'];

/** Release keys of a root, and how many of them must sign. */
export const ROOT_KEYS = 3;
export const THRESHOLD = 2;
export const KEY_LENGTH = 32;
export const HASH_LENGTH = 32;
/** An image is hashed, carried and stored by pages of so many bytes, and has at most so many of them. */
export const PAGE = 4096;
export const IMAGE_PAGES = 24;
/** No object is longer, encoded. */
export const OBJECT_MAX = 1024;
const NAME_MAX = 32;

interface Signed {
  /** Grows with every object of a kind. A root's begins at 1. */
  version: number;
  /** When it was made, NTP seconds. */
  issued: number;
}

/** [1, "galet root", version, issued, keys] */
export interface Root extends Signed {
  /** Three SLH-DSA-SHA2-128s public keys of 32 bytes, all different. */
  keys: Uint8Array;
}

/** [1, "galet configuration", version, issued, expires, end, gateway key] */
export interface Configuration extends Signed {
  /** No token takes it up later than this, NTP seconds; one that has it keeps it. */
  expires: number;
  /** When the service ends and tokens erase themselves, NTP seconds; 0 for no end yet. */
  endTime: number;
  /** X25519 public key, 32 bytes. */
  gatewayKey: Uint8Array;
}

/** [1, "galet release", version, issued, expires, board, interpreter, size, SHA-256, page hashes] */
export interface Release extends Signed {
  expires: number;
  board: string;
  /** The oldest interpreter that runs it, as Espruino writes versions; empty where there is none. */
  interpreter: string;
  /** Bytes of the image. */
  size: number;
  /** Of the whole image: what people compare. 32 bytes. */
  sha256: Uint8Array;
  /** SHA-256 of each 4096 bytes of the image, the last of what is left: what a token can check by itself. */
  pages: Uint8Array;
}

function number(value: Value | undefined): number {
  if (typeof value !== 'number') throw fault('object-malformed', 'number');
  return value;
}

function text(value: Value | undefined): string {
  if (typeof value !== 'string' || value.length > NAME_MAX) throw fault('object-malformed', 'text');
  return value;
}

function bytes(value: Value | undefined, length: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== length) throw fault('object-malformed', 'bytes');
  return value;
}

/** What a signature over an object of this kind is bound to. */
export function contextOf(kind: number): Uint8Array {
  return ascii(LABELS[kind] as string);
}

/** The elements after the label; 'object-malformed' for anything but one object of this kind. */
function elementsOf(kind: number, body: Uint8Array, count: number): Value[] {
  let value: Value;
  try {
    value = decode(body);
  } catch (thrown) {
    throw fault('object-malformed', `${thrown}`);
  }
  if (typeof value !== 'object' || value instanceof Uint8Array || value.length !== count || body.length > OBJECT_MAX) {
    throw fault('object-malformed', 'shape');
  }
  if (value[0] !== FORMAT || value[1] !== LABELS[kind]) throw fault('object-malformed', 'kind');
  if (number(value[2]) === 0) throw fault('object-malformed', 'version');
  return value;
}

/** One of the keys of a root. */
export function keyOf(root: Root, index: number): Uint8Array {
  return copyOf(root.keys, index * KEY_LENGTH, (index + 1) * KEY_LENGTH);
}

export function encodeRoot(root: Root): Uint8Array {
  return encode([FORMAT, LABELS[ROOT] as string, root.version, root.issued, root.keys]);
}

/** Throws 'object-malformed'; so do the two below. */
export function decodeRoot(body: Uint8Array): Root {
  const value = elementsOf(ROOT, body, 5);
  const root = {
    version: number(value[2]),
    issued: number(value[3]),
    keys: bytes(value[4], ROOT_KEYS * KEY_LENGTH),
  };
  // One key under two names would be a threshold of one.
  for (let i = 0; i < ROOT_KEYS; i++) {
    for (let j = 0; j < i; j++) {
      if (`${keyOf(root, i)}` === `${keyOf(root, j)}`) throw fault('object-malformed', 'keys');
    }
  }
  return root;
}

export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const { version, issued, expires, endTime, gatewayKey } = configuration;
  return encode([FORMAT, LABELS[CONFIGURATION] as string, version, issued, expires, endTime, gatewayKey]);
}

export function decodeConfiguration(body: Uint8Array): Configuration {
  const value = elementsOf(CONFIGURATION, body, 7);
  return {
    version: number(value[2]),
    issued: number(value[3]),
    expires: number(value[4]),
    endTime: number(value[5]),
    gatewayKey: bytes(value[6], KEY_LENGTH),
  };
}

export function encodeRelease(release: Release): Uint8Array {
  const { version, issued, expires, board, interpreter, size, sha256, pages } = release;
  return encode([FORMAT, LABELS[RELEASE] as string, version, issued, expires, board, interpreter, size, sha256, pages]);
}

export function decodeRelease(body: Uint8Array): Release {
  const value = elementsOf(RELEASE, body, 10);
  const size = number(value[7]);
  if (size === 0 || size > IMAGE_PAGES * PAGE) throw fault('object-malformed', 'size');
  return {
    version: number(value[2]),
    issued: number(value[3]),
    expires: number(value[4]),
    board: text(value[5]),
    interpreter: text(value[6]),
    size,
    sha256: bytes(value[8], HASH_LENGTH),
    pages: bytes(value[9], Math.ceil(size / PAGE) * HASH_LENGTH),
  };
}
