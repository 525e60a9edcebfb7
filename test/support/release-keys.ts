/** Release keys, and what they sign: signatures that every verifier takes, the same in every run. */
import { createHash } from 'node:crypto';
import { concat } from '../../device/bytes.js';
import {
  CONFIGURATION,
  contextOf,
  encodeConfiguration,
  encodeRelease,
  encodeRoot,
  PAGE,
  RELEASE,
  ROOT,
} from '../../device/update/objects.js';
import { versionNumber } from '../../device/update/versions.js';
import type { SignedObject } from '../../host/release/objects.js';
import { type QuickSigner, quickSigner } from './quick-signer.js';

export interface ReleaseKey {
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** 64 bytes: three seeds of 16, and the root that they make. */
  secretKey: Uint8Array;
}

/** What the seeds below lead to; half a second each to compute. */
const ROOTS = [
  'e4122a388f0c9998aa830dc0d25fbce9',
  '4ea7b61427ead14fba559a5f096209cd',
  'f0d8955c36313e27697a4a5859056bf5',
  '0847d7be7a6b3aaa54eb29bb7193566d',
];

function keyFrom(rootHex: string, index: number): ReleaseKey {
  const seeds = new Uint8Array(48).fill(0x51 + index);
  const root = new Uint8Array(Buffer.from(rootHex, 'hex'));
  return { publicKey: concat([seeds.subarray(32), root]), secretKey: concat([seeds, root]) };
}

/** The three of the first root, and a fourth for whoever is not in it. */
export const RELEASE_KEYS: readonly ReleaseKey[] = ROOTS.map(keyFrom);

/** 2026-01-01, 00:00 UTC, in NTP seconds: before every simulated day of these tests. */
export const ISSUED = 3_976_214_400;
/** Long after all of them. */
export const EXPIRES = 4_200_000_000;

const quickSigners: QuickSigner[] = [];
const made = new Map<string, Uint8Array>();

/** Half a second for each key, once it is needed. */
function signerOf(index: number): QuickSigner {
  quickSigners[index] ??= quickSigner((RELEASE_KEYS[index] as ReleaseKey).secretKey.subarray(0, 48));
  return quickSigners[index];
}

/** The signature, 7856 bytes, of one of the keys over an object's body, bound to its kind. */
export function sign(kind: number, body: Uint8Array, keyIndex: number): Uint8Array {
  const name = `${keyIndex} ${kind} ${Buffer.from(body).toString('hex')}`;
  const signature = made.get(name) ?? signerOf(keyIndex).sign(body, contextOf(kind));
  made.set(name, signature);
  return signature;
}

/** An object with the signatures of the keys of these numbers; the first two unless others are given. */
export function signed(kind: 1 | 2 | 3, body: Uint8Array, signers: number[] = [0, 1]): SignedObject {
  const signatures = signers.map((index) => ({
    key: (RELEASE_KEYS[index] as ReleaseKey).publicKey,
    signature: sign(kind, body, index),
  }));
  return { kind, body, signatures };
}

export interface RootFields {
  version?: number;
  issued?: number;
  /** Numbers of its three keys. */
  keys?: number[];
  signers?: number[];
}

export function root({ version = 1, issued = ISSUED, keys = [0, 1, 2], signers }: RootFields = {}): SignedObject {
  const body = encodeRoot({
    version,
    issued,
    keys: concat(keys.map((index) => (RELEASE_KEYS[index] as ReleaseKey).publicKey)),
  });
  return signed(ROOT, body, signers);
}

export interface ConfigurationFields {
  gatewayKey: Uint8Array;
  version?: number;
  issued?: number;
  expires?: number;
  endTime?: number;
  signers?: number[];
}

export function configuration(fields: ConfigurationFields): SignedObject {
  const { gatewayKey, version = 1, issued = ISSUED, expires = EXPIRES, endTime = 0, signers } = fields;
  return signed(CONFIGURATION, encodeConfiguration({ version, issued, expires, endTime, gatewayKey }), signers);
}

export interface ReleaseFields {
  /** As text, `0.3.0`. */
  version: string;
  board?: string;
  image?: Uint8Array;
  interpreter?: string;
  issued?: number;
  expires?: number;
  signers?: number[];
}

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest());

/** `length` bytes that are no two pages alike. */
export function someImage(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8) * 13) & 0xff);
}

/** A release of `image`, which is some bytes of 10,000 unless it is given, for the twin unless another board is. */
export function release(fields: ReleaseFields): { object: SignedObject; image: Uint8Array } {
  const { version, board = 'twin', image = someImage(10_000), interpreter = '', signers } = fields;
  const pages: Uint8Array[] = [];
  for (let at = 0; at < image.length; at += PAGE) pages.push(sha256(image.subarray(at, at + PAGE)));
  const body = encodeRelease({
    version: versionNumber(version),
    issued: fields.issued ?? ISSUED,
    expires: fields.expires ?? EXPIRES,
    board,
    interpreter,
    size: image.length,
    sha256: sha256(image),
    pages: concat(pages),
  });
  return { object: signed(RELEASE, body, signers), image };
}
