import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../device/faults.js';
import { DEPTH_MAX } from '../../device/link/cbor.js';
import { LIMITS } from '../../device/link/channel.js';
import { ACCEPT, ACK, DATA, FRAME_MIN, LAST, NAK, OPEN } from '../../device/link/frame.js';
import {
  CHUNK_BYTES,
  ERROR_REPLY,
  type Field,
  LINK_VERSION,
  MESSAGES,
  REPLY,
  type Shape,
} from '../../device/link/messages.js';

const document = readFileSync(new URL('../../docs/spec/link.md', import.meta.url), 'utf8');

/** The rows of the table under `header`, each as its cells. */
function tableUnder(header: string): string[][] {
  const lines = document.split('\n');
  const start = lines.indexOf(header);
  expect(start, `table ${header}`).toBeGreaterThan(-1);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
  return rest.slice(0, end).map(cells);
}

function notation({ kind, min, max }: Field): string {
  const range = min === max ? `${min}` : `${min}..${max}`;
  if (kind === 'bytes') return `${range} B`;
  if (kind === 'text') return `text ${range}`;
  if (min === 0 && max === 0xff) return 'u8';
  return min === 0 && max === 0xffffffff ? 'u32' : range;
}

describe('docs/spec/link.md', () => {
  it('has the message table of the code, and a meaning for each field', () => {
    const documented = tableUnder('| no. | message | direction | field | type | meaning |');
    const coded = Object.entries(MESSAGES).flatMap(([name, { type, request, reply }]) =>
      [
        { direction: 'request', number: type, shape: request as Shape },
        { direction: 'reply', number: type + REPLY, shape: reply as Shape },
      ].flatMap(({ direction, number, shape }) => {
        const fields = Object.entries(shape).map(([field, bounds]) => [field, notation(bounds)]);
        return (fields.length === 0 ? [['-', '-']] : fields).map((cells) => [`${number}`, name, direction, ...cells]);
      }),
    );
    expect(documented.map((cells) => cells.slice(0, 5))).toEqual(coded);
    for (const cells of documented) expect(cells[5], cells.join(' ')).not.toBe('');
  });

  it('has every fault with its number', () => {
    const documented = tableUnder('| no. | fault | meaning |');
    expect(documented.map(([number, name]) => [name, Number(number)])).toEqual(Object.entries(FAULTS));
  });

  it('has the kinds of frame', () => {
    const documented = tableUnder('| kind | name | payload | meaning |');
    const coded = Object.entries({ OPEN, ACCEPT, DATA, LAST, ACK, NAK }).map(([name, kind]) => [`${kind}`, name]);
    expect(documented.map((cells) => cells.slice(0, 2))).toEqual(coded);
  });

  it('has the numbers of the code', () => {
    const text = document.replace(/\s+/g, ' ');
    expect(DEPTH_MAX).toBe(4);
    expect(text).toContain('at most four arrays deep');
    for (const sentence of [
      `Version ${LINK_VERSION}.`,
      `\`[1, ${ERROR_REPLY}, code, detail]\``,
      `with type + ${REPLY}`,
      `at most ${LIMITS.frameSize} bytes, or what both sides agree on, down to ${FRAME_MIN} `,
      `of at most ${LIMITS.messageSize} bytes`,
      `*window* frames (${LIMITS.window} by default)`,
      `after ${LIMITS.attempts} times in a row`,
      `at most ${CHUNK_BYTES} bytes of them`,
    ]) {
      expect(text).toContain(sentence);
    }
  });
});
