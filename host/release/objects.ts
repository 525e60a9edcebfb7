/**
 * What the holders of the release keys sign, as it lies in files and travels between computers: JSON around the body that
 * tokens judge (docs/spec/update.md, "Files"). Reading is strict, because whoever publishes or carries such a file is
 * trusted with nothing; whether signatures are right is said by verify.ts.
 */
import { SLH_SIGNATURE } from '../../device/seal/slh-dsa.js';
import {
  CONFIGURATION,
  decodeConfiguration,
  decodeRelease,
  decodeRoot,
  KEY_LENGTH,
  OBJECT_MAX,
  RELEASE,
  ROOT,
} from '../../device/update/objects.js';
import { GaletError } from '../errors.js';

/** ROOT, CONFIGURATION or RELEASE. */
export type Kind = 1 | 2 | 3;

export interface Signature {
  /** SLH-DSA-SHA2-128s public key, 32 bytes. */
  key: Uint8Array;
  /** 7856 bytes. */
  signature: Uint8Array;
}

export interface SignedObject {
  kind: Kind;
  /** What is signed: CBOR, at most 1024 bytes. */
  body: Uint8Array;
  signatures: Signature[];
}

/** What is published for one board. */
export interface Releases {
  /** In rising versions, each signed by keys of the one before it too. */
  roots: SignedObject[];
  configuration?: SignedObject;
  release?: SignedObject;
}

const FORMAT = 1;
/** Two roots of three keys each can have signed a root; nothing needs more. */
const SIGNATURES_MAX = 6;
/** Characters of the longest file that can be one of these, with room for spaces. */
export const FILE_MAX = 100_000;
const NAMES: Record<Kind, string> = { [ROOT]: 'root', [CONFIGURATION]: 'configuration', [RELEASE]: 'release' };
const DECODERS: Record<Kind, (body: Uint8Array) => unknown> = {
  [ROOT]: decodeRoot,
  [CONFIGURATION]: decodeConfiguration,
  [RELEASE]: decodeRelease,
};

type Json = Record<string, unknown>;

/** `what`: a file's name or another word for where it comes from; `field`: where it stops being one. */
function malformed(what: string, field: string, cause?: unknown): GaletError {
  return new GaletError('signed-malformed', { what, field }, cause);
}

/** The fields of an object that has all of `names` and no others. */
function fieldsOf(value: unknown, names: string[], what: string, at: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(what, at);
  for (const name of names) if (!Object.hasOwn(value, name)) throw malformed(what, `${at}.${name}`);
  if (Object.keys(value).length !== names.length) throw malformed(what, at);
  return value as Json;
}

/** Bytes of exactly the text that `encoding` makes of them: one file for one object. */
function bytesIn(value: unknown, encoding: 'base64' | 'hex', max: number, what: string, at: string): Uint8Array {
  if (typeof value !== 'string' || value.length > 2 * max) throw malformed(what, at);
  const bytes = Buffer.from(value, encoding);
  if (bytes.length > max || bytes.toString(encoding) !== value) throw malformed(what, at);
  return new Uint8Array(bytes);
}

function jsonIn(text: string, what: string): unknown {
  if (text.length > FILE_MAX) throw malformed(what, 'length');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(what, 'JSON', cause);
  }
}

function signatureIn(value: unknown, what: string, at: string): Signature {
  const fields = fieldsOf(value, ['key', 'signature'], what, at);
  const key = bytesIn(fields.key, 'hex', KEY_LENGTH, what, `${at}.key`);
  const signature = bytesIn(fields.signature, 'base64', SLH_SIGNATURE, what, `${at}.signature`);
  if (key.length !== KEY_LENGTH) throw malformed(what, `${at}.key`);
  if (signature.length !== SLH_SIGNATURE) throw malformed(what, `${at}.signature`);
  return { key, signature };
}

/**
 * The object in the text of a file, or in what has been read from JSON already. Throws 'signed-malformed', with `what` (a
 * name to show to people) and the field, unless it is exactly what `renderSigned` writes, spaces aside, around a body that
 * is an object of its kind.
 */
export function parseSigned(source: unknown, what: string): SignedObject {
  const json = typeof source === 'string' ? jsonIn(source, what) : source;
  const fields = fieldsOf(json, ['galet', 'kind', 'body', 'signatures'], what, 'object');
  if (fields.galet !== FORMAT) throw malformed(what, 'galet');
  const kind = ([ROOT, CONFIGURATION, RELEASE] as const).find((each) => NAMES[each] === fields.kind);
  if (kind === undefined) throw malformed(what, 'kind');
  const body = bytesIn(fields.body, 'base64', OBJECT_MAX, what, 'body');
  try {
    DECODERS[kind](body);
  } catch (cause) {
    throw malformed(what, 'body', cause);
  }
  const list: unknown = fields.signatures;
  if (!Array.isArray(list) || list.length > SIGNATURES_MAX) throw malformed(what, 'signatures');
  return { kind, body, signatures: list.map((each, index) => signatureIn(each, what, `signatures.${index}`)) };
}

/** The text of a file. */
export function renderSigned({ kind, body, signatures }: SignedObject): string {
  const json = {
    galet: FORMAT,
    kind: NAMES[kind],
    body: Buffer.from(body).toString('base64'),
    signatures: signatures.map(({ key, signature }) => ({
      key: Buffer.from(key).toString('hex'),
      signature: Buffer.from(signature).toString('base64'),
    })),
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}
