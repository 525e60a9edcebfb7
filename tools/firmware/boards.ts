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
  /** Flash pages of 4 kB that the token's data wants. */
  pages: number;
}

/** The version that the language facts and the API were checked against; older ones lack private addresses or UTC dates. */
export const ESPRUINO_MINIMUM = '2v29';

export const BOARDS: Record<string, Board> = {
  bangle2: { espruino: 'BANGLEJS2', variables: 12000, blockSize: 14, share: 0.6, storage: 8 << 20, pages: 272 },
  galet1: { espruino: 'XIAOBLE', variables: 12000, blockSize: 14, share: 0.6, storage: 2 << 20, pages: 272 },
  puck: { espruino: 'PUCKJS', variables: 2630, blockSize: 13, share: 0.85, storage: 40 << 10, pages: 18 },
};
