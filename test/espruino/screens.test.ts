/**
 * The face on the real interpreter: draws every screen with its own graphics and compares each pixel with the pictures in
 * docs/operations/screens. `ESPRUINO` names the binary (a Linux build of Bangle.js 2's configuration, or any with
 * graphics). `UPDATE=1` rewrites the pictures.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../../tools/firmware/bundle.js';
import { decodePng, encodePng, type Picture } from '../support/png.js';
import { screens } from '../support/screens.js';
import { ALPHABET, advanceOf, extentOf } from '../support/vector-font.js';

const interpreter = process.env.ESPRUINO;
if (interpreter === undefined) console.log('skipped: no ESPRUINO');

const ROOT = new URL('../../', import.meta.url).pathname;
const SIDE = 176;

/** ASCII: what is above is escaped as one byte. */
function literal(value: unknown): string {
  return JSON.stringify(value).replace(/[\x7f-\xff]/g, (c) => `\\x${c.charCodeAt(0).toString(16)}`);
}

describe.skipIf(interpreter === undefined)('the face on Espruino', () => {
  let dir: string;
  let firmware: string;
  beforeAll(async () => {
    firmware = await bundle({
      root: ROOT,
      entry: join(ROOT, 'test/espruino/support/draw-screen.ts'),
      ambient: join(ROOT, 'device/boards/espruino'),
    });
    dir = mkdtempSync(join(tmpdir(), 'galet-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  /** Runs a script and gives what it printed between the marks, line by line. */
  function run(script: string): string[] {
    const file = join(dir, 'script.js');
    const code = `function say(s){print('<<<'+s+'>>>')}\n${script}\nquit();\n`;
    expect([...code].every((letter) => letter < '\x7f')).toBe(true);
    writeFileSync(file, code);
    const out = execFileSync(interpreter!, [file], { cwd: dir, encoding: 'latin1', timeout: 50_000 });
    if (/Uncaught|MEMORY/.test(out)) throw new Error(out.slice(-2000));
    return [...out.matchAll(/<<<(.*?)>>>/g)].map((match) => match[1]!);
  }

  /** Draws and reads the pixels: 8 bits a pixel are 6 x 6 x 6 levels of red, green and blue. */
  function draw(which: number): Picture {
    const lines = run(`
      var g = Graphics.createArrayBuffer(${SIDE}, ${SIDE}, 8, { msb: true }), whichScreen = ${which};
      ${firmware};
      for (var row = 0; row < ${SIDE}; row++) say(btoa(E.toString(new Uint8Array(g.buffer, row * ${SIDE}, ${SIDE}))));`);
    const levels = Buffer.concat(lines.map((line) => Buffer.from(line, 'base64')));
    const rgb = Uint8Array.from(
      [...levels].flatMap((v) => [Math.floor(v / 36), Math.floor(v / 6) % 6, v % 6]),
      (l) => l * 51,
    );
    return { width: SIDE, height: SIDE, rgb };
  }

  it.each(screens)('draws $name as in the picture', ({ name }) => {
    const picture = draw(screens.findIndex((screen) => screen.name === name));
    expect(picture.rgb.length).toBe(SIDE * SIDE * 3);
    const file = join(ROOT, 'docs/operations/screens', `${name}.png`);
    if (process.env.UPDATE === '1') writeFileSync(file, encodePng(picture));
    const committed = decodePng(readFileSync(file));
    expect(Buffer.compare(committed.rgb, picture.rgb)).toBe(0);
  });

  it('uses none but the eight colours that the screen has', () => {
    for (const { name } of screens) {
      const { rgb } = decodePng(readFileSync(join(ROOT, 'docs/operations/screens', `${name}.png`)));
      expect(new Set(rgb)).toEqual(new Set([0, 255]));
    }
  });

  it('has the font that the other tests measure with', () => {
    const lines = run(`
      var screen = Graphics.createArrayBuffer(8, 8, 8), all = ${literal(ALPHABET)};
      for (var i = 0; i < all.length; i++) {
        // A string of one byte: this one function of the graphics knows no other.
        var letter = String.fromCharCode(all.charCodeAt(i));
        var polygons = screen.getVectorFontPolys(letter, { w: 16, h: 16 }), top = 99, bottom = -99;
        for (var j = 0; j < polygons.length; j++) for (var k = 1; k < polygons[j].length; k += 2) {
          top = Math.min(top, polygons[j][k]);
          bottom = Math.max(bottom, polygons[j][k]);
        }
        say([screen.setFont('Vector:16x16').stringWidth(letter), screen.setFont('Vector:21x40').stringWidth(letter),
          top, bottom].join(','));
      }`);
    const measured = lines.map((line) => line.split(',').map(Number));
    const expected = [...ALPHABET].map((letter) => {
      const { top, bottom } = extentOf(letter);
      return [advanceOf(letter, 16), advanceOf(letter, 21), top, bottom];
    });
    expect(measured).toEqual(expected);
  });
});
