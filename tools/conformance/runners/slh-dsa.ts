/**
 * NIST's vectors for SLH-DSA (ACVP, FIPS 205) through the verification that a token runs: files as
 * github.com/usnistgov/ACVP-Server publishes them, sigVer and sigGen, whatever else they hold besides.
 */
import { createHash } from 'node:crypto';
import { faultOf } from '../../../device/faults.js';
import { checkInternal, checkSignature, type SignatureCheck } from '../../../device/seal/slh-dsa.js';
import { nodeDigest } from '../../../host/crypto.js';
import type { Check } from '../check.js';
import { bytesOf, FieldError, type Fields } from '../fields.js';

export const PARAMETER_SET = 'SLH-DSA-SHA2-128s';

/** FIPS 205, section 10.2.2: what hashes a message beforehand, and the last byte of its object identifier. */
const HASHES: Record<string, { algorithm: string; outputLength?: number; arc: number }> = {
  'SHA2-224': { algorithm: 'sha224', arc: 4 },
  'SHA2-256': { algorithm: 'sha256', arc: 1 },
  'SHA2-384': { algorithm: 'sha384', arc: 2 },
  'SHA2-512': { algorithm: 'sha512', arc: 3 },
  'SHA2-512/224': { algorithm: 'sha512-224', arc: 5 },
  'SHA2-512/256': { algorithm: 'sha512-256', arc: 6 },
  'SHA3-224': { algorithm: 'sha3-224', arc: 7 },
  'SHA3-256': { algorithm: 'sha3-256', arc: 8 },
  'SHA3-384': { algorithm: 'sha3-384', arc: 9 },
  'SHA3-512': { algorithm: 'sha3-512', arc: 10 },
  'SHAKE-128': { algorithm: 'shake128', outputLength: 32, arc: 11 },
  'SHAKE-256': { algorithm: 'shake256', outputLength: 64, arc: 12 },
};
/** DER of 2.16.840.1.101.3.4.2 and one more arc. */
const HASH_ARCS = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
const PREHASHED = 1;
const SECRET_KEY = 64;

/** What its test and its group say of one case; a test's own word counts more. */
export class SlhCase {
  /** `mode`: 'sigVer' or 'sigGen' where the file says so. */
  constructor(
    private readonly group: Fields,
    private readonly test: Fields,
    private readonly mode: string | undefined,
  ) {}

  /** For people: which of the interfaces, and the hash where there is one. */
  get kind(): string {
    const named = ['signatureInterface', 'preHash', 'hashAlg'].flatMap((name) => {
      const value = this.has(name) ? String(this.of(name).raw(name)) : 'none';
      return value === 'none' ? [] : [value];
    });
    return named.length === 0 ? 'internal' : named.join(' ');
  }

  /** Throws a FieldError when the case cannot be read. */
  run(check: Check): void {
    const pk = this.has('pk') ? this.bytes('pk') : this.bytes('sk', SECRET_KEY).subarray(SECRET_KEY / 2);
    const signature = this.bytes('signature');
    check.same('testPassed', isValid(this.begin(pk), signature), this.expected());
  }

  /** What NIST generated is right; what it lets verify has its verdict with it. */
  private expected(): boolean {
    if (this.mode === 'sigVer' || this.has('testPassed')) return this.of('testPassed').flag('testPassed');
    return true;
  }

  private begin(pk: Uint8Array): () => SignatureCheck {
    const message = this.bytes('message');
    const isOfOldFile = !this.has('signatureInterface') && !this.has('preHash');
    if (isOfOldFile || this.text('signatureInterface', 'external') === 'internal') {
      return () => checkInternal(nodeDigest, pk, message);
    }
    const context = this.has('context') ? this.bytes('context') : new Uint8Array(0);
    if (this.text('preHash', 'pure') === 'pure') return () => checkSignature(nodeDigest, pk, context, message);
    const prehashed = prehash(context, this.text('hashAlg'), message);
    return () => checkInternal(nodeDigest, pk, prehashed);
  }

  private has(name: string): boolean {
    return this.test.has(name) || this.group.has(name);
  }

  private of(name: string): Fields {
    return this.test.has(name) || !this.group.has(name) ? this.test : this.group;
  }

  /** One of the words that are known, or `otherwise` where there is none. */
  private text(name: string, otherwise?: string): string {
    if (otherwise !== undefined && !this.has(name)) return otherwise;
    const text = this.of(name).text(name);
    const known = WORDS[name];
    if (known !== undefined && !known.includes(text)) throw new FieldError(`${name}: ${text} is unknown`);
    return text;
  }

  private bytes(name: string, length?: number): Uint8Array {
    return bytesOf(this.of(name).text(name).toLowerCase(), name, length);
  }
}

const WORDS: Record<string, string[]> = {
  signatureInterface: ['internal', 'external'],
  preHash: ['pure', 'preHash'],
  hashAlg: Object.keys(HASHES),
};

/** M' of hash_slh_verify (algorithm 25). */
function prehash(context: Uint8Array, name: string, message: Uint8Array): Uint8Array {
  if (context.length > 0xff) throw new FieldError('context: longer than 255 bytes');
  const { algorithm, outputLength, arc } = HASHES[name]!;
  const hash = createHash(algorithm, outputLength === undefined ? {} : { outputLength }).update(message);
  return new Uint8Array([PREHASHED, context.length, ...context, ...HASH_ARCS, arc, ...hash.digest()]);
}

/** A signature that the token refuses by a fault is not valid. */
function isValid(begin: () => SignatureCheck, signature: Uint8Array): boolean {
  try {
    const check = begin();
    check.push(signature);
    return check.isValid();
  } catch (thrown) {
    if (faultOf(thrown)?.fault === 'signature-refused') return false;
    throw thrown;
  }
}
