/** One signature by another implementation, kept because making one takes seconds. */
import { readFileSync } from 'node:fs';

const file = JSON.parse(readFileSync(new URL('slh-dsa.golden.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;
const latin = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));

export interface Signed {
  publicKey: Uint8Array;
  context: Uint8Array;
  message: Uint8Array;
  signature: Uint8Array;
}

export const SIGNED: Signed = {
  publicKey: new Uint8Array(Buffer.from(file.publicKey!, 'hex')),
  context: latin(file.context!),
  message: latin(file.message!),
  signature: new Uint8Array(Buffer.from(file.signature!, 'base64')),
};
