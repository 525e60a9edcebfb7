/** device/base64.ts with Espruino's native functions: the build puts this file in its place. */
export { isLetter } from '../../base64.js';

export function putBase64(data: Uint8Array, out: Uint8Array, at: number): number {
  const letters = E.toUint8Array(btoa(data));
  out.set(letters, at);
  return at + letters.length;
}

/** The native decoder skips what is no letter; what it makes is base64 if the encoder makes the same letters of it. */
export function fromBase64(letters: Uint8Array): Uint8Array | undefined {
  const text = E.toString(letters);
  if (text === undefined || text.length === 0 || text.length % 4 !== 0) return undefined;
  const data = atob(text);
  return btoa(data) === text ? E.toUint8Array(data) : undefined;
}
