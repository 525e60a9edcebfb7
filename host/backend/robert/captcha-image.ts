/** Draws the digits of a captcha as a PNG: bent, shifted and speckled, so that they take eyes. */
import { deflateSync } from 'node:zlib';
import { crc32 } from '../../../device/bytes.js';
import type { Random } from '../../../device/ports.js';

/** Three bits a row, five rows: the digits 1 to 9. */
const GLYPHS = ['26227', '61747', '61216', '55711', '74616', '34757', '71244', '75757', '75716'];
const GLYPH_WIDTH = 3;
const GLYPH_HEIGHT = 5;
const DOT = 8;
const CELL = 40;
const HEIGHT = 64;
const SPECKLES_PER_DIGIT = 120;
const PAPER = 255;

export function drawPicture(digits: Uint8Array, random: Random): Buffer {
  const width = digits.length * CELL;
  const pixels = new Uint8Array(width * HEIGHT).fill(PAPER);
  const draw = new Uint8Array(digits.length * (2 + 3 * SPECKLES_PER_DIGIT));
  random.fill(draw);
  let drawn = 0;
  const next = (limit: number): number => draw[drawn++]! % limit;
  const dot = (x: number, y: number, size: number, shade: number): void => {
    for (let dy = 0; dy < size; dy++) {
      for (let dx = 0; dx < size; dx++) {
        const column = Math.round(x + dx);
        const row = Math.round(y + dy);
        if (column >= 0 && column < width && row >= 0 && row < HEIGHT) pixels[row * width + column] = shade;
      }
    }
  };
  for (const [index, digit] of digits.entries()) {
    const left = index * CELL + next(CELL - GLYPH_WIDTH * DOT);
    const top = next(HEIGHT - GLYPH_HEIGHT * DOT);
    for (let row = 0; row < GLYPH_HEIGHT; row++) {
      const bits = Number(GLYPHS[digit - 1]![row]);
      for (let column = 0; column < GLYPH_WIDTH; column++) {
        const bend = 4 * Math.sin((row + index) * 0.9);
        if (bits & (4 >> column)) dot(left + column * DOT + bend, top + row * DOT, DOT, 40);
      }
    }
    for (let i = 0; i < SPECKLES_PER_DIGIT; i++) {
      dot(index * CELL + next(CELL), next(HEIGHT), 2, i % 2 === 0 ? PAPER : 60 + next(120));
    }
  }
  return png(width, HEIGHT, pixels);
}

/** Greyscale of eight bits (PNG, third edition, section 11). */
function png(width: number, height: number, pixels: Uint8Array): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
