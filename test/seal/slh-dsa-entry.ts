/** Signatures checked on the interpreter, piece by piece; built as firmware is. */
import { checkSignature } from '../../device/seal/slh-dsa.js';

declare const publicKey: Uint8Array;
declare const context: Uint8Array;
declare const message: Uint8Array;
declare const SIGNATURE: number;
declare const PIECE: number;
/** The bytes of the signature in [start, end), with one bit flipped when `isForged`. */
declare function pieceOf(start: number, end: number, isForged: boolean): Uint8Array;
declare function sha256(data: Uint8Array): Uint8Array;
/** Told before a check begins and before each of its hashes, and after each of its pieces. */
declare function watch(): void;
declare function piecePushed(): void;
declare function say(what: string): void;

function check(isForged: boolean): string {
  const digest = {
    sha256(data: Uint8Array): Uint8Array {
      watch();
      return sha256(data);
    },
  };
  watch();
  const signature = checkSignature(digest, publicKey, context, message);
  while (signature.taken() < SIGNATURE) {
    const start = signature.taken();
    signature.push(pieceOf(start, Math.min(start + PIECE, SIGNATURE), isForged));
    piecePushed();
  }
  return `${signature.isValid()}`;
}

say(check(false));
say(check(true));
