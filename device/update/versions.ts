/** Versions as people write them, and as numbers that can be compared. */

const PARTS = 3;
/** Each part's share of 32 bits: 0.0.0 to 255.255.65535. No powers: Espruino's are not whole. */
const LIMITS = [0x100, 0x100, 0x10000];

function digitsAt(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at - from;
}

/** `major.minor.patch` as an unsigned 32-bit number that grows with it; 0 for any other text. */
export function versionNumber(text: string): number {
  let at = 0;
  let number = 0;
  for (let i = 0; i < PARTS; i++) {
    const length = digitsAt(text, at);
    const limit = LIMITS[i] as number;
    const part = length > 0 && length <= 5 ? Number(text.substr(at, length)) : limit;
    at += length;
    if (part >= limit || text.charAt(at) !== (i < PARTS - 1 ? '.' : '')) return 0;
    at += 1;
    number = number * limit + part;
  }
  return number;
}

/** The text of a version number. */
export function versionText(number: number): string {
  return `${number >>> 24}.${(number >>> 16) & 0xff}.${number & 0xffff}`;
}

/** Espruino's `2v29`, or `2v29.277` for a build after it, as three numbers; -1 where it says something else. */
function interpreterParts(text: string): number[] {
  const marks = ['v', '.', ''];
  const parts: number[] = [];
  let at = 0;
  for (let i = 0; i < PARTS; i++) {
    const length = digitsAt(text, at);
    parts.push(length > 0 ? Number(text.substr(at, length)) : i === PARTS - 1 && at > text.length ? 0 : -1);
    at += length;
    if (text.charAt(at) !== marks[i] && at < text.length) return [-1, -1, -1];
    at += 1;
  }
  return parts;
}

/** Whether interpreter `version` is at least `minimum`; an empty minimum asks for nothing. */
export function isInterpreterAtLeast(version: string, minimum: string): boolean {
  if (minimum === '') return true;
  const has = interpreterParts(version);
  const wants = interpreterParts(minimum);
  for (let i = 0; i < PARTS; i++) {
    const difference = (has[i] as number) - (wants[i] as number);
    if ((has[i] as number) < 0 || (wants[i] as number) < 0) return false;
    if (difference !== 0) return difference > 0;
  }
  return true;
}
