import { describe, expect, it } from 'vitest';
import { BOARDS, shortfallOf } from '../../tools/firmware/boards.js';

describe('a board’s room', () => {
  const board = { ...BOARDS.bangle2!, storage: 100 << 10 };
  const data = 18 * 4096;

  it('is enough for script and data up to the last byte', () => {
    expect(shortfallOf(board, board.storage - data)).toBeUndefined();
    expect(shortfallOf(board, board.storage - data + 1)).toBe(
      `does not fit: script and data want ${board.storage + 1} bytes of Storage, the board has ${board.storage}`,
    );
  });
});
