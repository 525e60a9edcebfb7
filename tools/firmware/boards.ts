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
  /** For a board with a token of its own: the flash pages that it needs, its script's place being whole pages too. */
  pages?: number;
  /** Whether it has room for the script as tokens only. */
  tokens?: true;
  /** Modules put in place of others, beside those of every board (build.ts). */
  natives?: Record<string, string>;
}

/** The fewest flash pages of 4 kB that a token's data fits on (device/token/layout.ts). */
const PAGES_MIN = 18;
const PAGE = 4096;
/** In Storage, headers of the script and of the token's file, and the word that begins the latter. */
const OVERHEAD = 2 * 32 + 4;

/** The version that the language facts and the API were checked against; older ones lack private addresses or UTC dates. */
export const ESPRUINO_MINIMUM = '2v29';

export const BOARDS: Record<string, Board> = {
  bangle2: { espruino: 'BANGLEJS2', variables: 12000, blockSize: 14, share: 0.6, storage: 8 << 20 },
  galet1: { espruino: 'XIAOBLE', variables: 12000, blockSize: 14, share: 0.6, storage: 2 << 20 },
  puck: {
    espruino: 'PUCKJS',
    variables: 2630,
    blockSize: 13,
    share: 0.85,
    storage: 40 << 10,
    pages: 6,
    tokens: true,
    natives: { 'device/boards/puck/board': 'device/boards/puck/hardware' },
  },
};

/** Why a board has no room for a script of so many bytes; undefined when it has. */
export function shortfallOf(board: Board, bytes: number): string | undefined {
  const needed = board.pages === undefined ? bytes + PAGES_MIN * PAGE : bytes + OVERHEAD + board.pages * PAGE;
  if (needed <= board.storage) return undefined;
  return `does not fit: script and data want ${needed} bytes of Storage, the board has ${board.storage}`;
}
