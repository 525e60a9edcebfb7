/** The boards that firmware is built for, and what each has room for. */
export interface Board {
  /** Espruino's own name of the board. */
  espruino: string;
  /** Blocks of memory for variables, and the bytes of one. */
  variables: number;
  blockSize: number;
  /** Part of the variables that the token may use at its peak. */
  share: number;
  /** Bytes of Storage. */
  storage: number;
}

/** The fewest flash pages of 4 kB that a token's data fits on (device/token/layout.ts). */
const PAGES_MIN = 18;
const PAGE = 4096;

/** The version that the language facts and the API were checked against; older ones lack private addresses or UTC dates. */
export const ESPRUINO_MINIMUM = '2v29';

export const BOARDS: Record<string, Board> = {
  bangle2: { espruino: 'BANGLEJS2', variables: 12000, blockSize: 14, share: 0.6, storage: 8 << 20 },
  galet1: { espruino: 'XIAOBLE', variables: 12000, blockSize: 14, share: 0.6, storage: 2 << 20 },
  puck: { espruino: 'PUCKJS', variables: 2630, blockSize: 13, share: 0.85, storage: 40 << 10 },
};

/** Why a board has no room for a script of so many bytes; undefined when it has. */
export function shortfallOf(board: Board, bytes: number): string | undefined {
  const needed = bytes + PAGES_MIN * PAGE;
  if (needed <= board.storage) return undefined;
  return `does not fit: script and data want ${needed} bytes of Storage, the board has ${board.storage}`;
}
