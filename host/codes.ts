/** One-time codes as text: how what a person types becomes what is hashed, sent and compared everywhere. */
import { createHash } from 'node:crypto';

/** Three parts of base64url with points between: a JWT, in which case matters. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The canonical text of a code. A short code may be typed in either case, with spaces or dashes anywhere; of a JWT only
 * the spaces around it are removed. The kiosk, the token and the server handle canonical texts only.
 */
export function normaliseCode(typed: string): string {
  const trimmed = typed.trim();
  return JWT.test(trimmed) ? trimmed : trimmed.replace(/[\s-]/g, '').toUpperCase();
}

/** SHA-256("galet code" | code), 32 bytes: what a report's sealed header says about the code the wearer consented to. */
export function codeHash(code: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update('galet code').update(code).digest());
}
