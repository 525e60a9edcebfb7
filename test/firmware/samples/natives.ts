/** The board's native replacements beside what they replace, on random inputs: prints where they differ. */
import { fromBase64, putBase64 } from '../../../device/base64.js';
import * as native64 from '../../../device/boards/espruino/base64.js';
import * as native from '../../../device/boards/espruino/bytes.js';
import { concat, crc32, isFilledWith, xored } from '../../../device/bytes.js';

declare function print(...values: (string | number)[]): void;
/** Put in front of the script by the test. */
declare const SEED: number;
declare const RUNS: number;

let state = SEED | 1;
function draw(limit: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 3) % limit;
}

function bytes(length: number): Uint8Array {
  const out = new Uint8Array(length);
  // A view that starts inside its buffer, as most of the firmware's do.
  const view = new Uint8Array(length + 3).subarray(3);
  for (let i = 0; i < length; i++) out[i] = draw(256);
  view.set(out);
  return draw(2) === 0 ? out : view;
}

function text(of: Uint8Array | undefined): string {
  if (of === undefined) return 'undefined';
  let out = `${of.length}:`;
  for (let i = 0; i < of.length; i++) out += `${of[i] as number},`;
  return out;
}

let compared = 0;
function same(what: string, ours: string | number, theirs: string | number): void {
  compared += 1;
  if (ours !== theirs) print('DIFFERS', what, ours, theirs);
}

/** What `put` leaves in a buffer with room before and behind. */
function written(put: typeof putBase64, data: Uint8Array): string {
  const out = new Uint8Array(Math.ceil(data.length / 3) * 4 + 8);
  return `${put(data, out, 4)} ${text(out)}`;
}

/** Letters as they may arrive: right, or with one of them changed, or cut. */
function letters(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.ceil(data.length / 3) * 4);
  putBase64(data, out, 0);
  const kind = draw(5);
  if (kind === 0) return out.subarray(0, draw(out.length + 1));
  if (kind === 1 && out.length > 0) out[draw(out.length)] = draw(256);
  if (kind === 2 && out.length > 0)
    out[out.length - 1 - draw(Math.min(4, out.length))] = draw(2) ? 0x3d : 0x41 + draw(26);
  return out;
}

for (let run = 0; run < RUNS; run++) {
  const a = bytes(draw(70));
  const b = bytes(draw(20));
  const parts = draw(4) === 0 ? [] : draw(2) === 0 ? [a] : [a, b, a.subarray(draw(a.length + 1))];
  same(`concat of ${parts.length}`, text(concat(parts)), text(native.concat(parts)));
  same(`crc32 ${text(a)}`, crc32(a), native.crc32(a));
  same(`crc32 ${text(b)}`, crc32(b), native.crc32(b));
  const value = draw(256);
  same(`xored ${text(a)}`, text(xored(a, value)), text(native.xored(a, value)));
  const filled = new Uint8Array(draw(40));
  for (let i = 0; i < filled.length; i++) filled[i] = draw(2) === 0 ? 0xff : run % 3 === 0 ? 0 : 0xff;
  for (const of of [a, b, filled, new Uint8Array(draw(9))]) {
    same(`isFilledWith 0 ${text(of)}`, Number(isFilledWith(of, 0)), Number(native.isFilledWith(of, 0)));
    same(`isFilledWith 255 ${text(of)}`, Number(isFilledWith(of, 0xff)), Number(native.isFilledWith(of, 0xff)));
  }
  same(`putBase64 ${text(a)}`, written(putBase64, a), written(native64.putBase64, a));
  const given = letters(b);
  same(`fromBase64 ${text(given)}`, text(fromBase64(given)), text(native64.fromBase64(given)));
}
print('compared', compared);
