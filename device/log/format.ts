/** The layout of the contact log in flash (docs/spec/log.md), as every token writes it. Lengths are bytes. */

/** "GL" */
export const PAGE_MAGIC = 0x474c;
export const PAGE_VERSION = 1;
export const PAGE_HEADER = 24;
export const BATCH_MAGIC = 0xb1;
export const BATCH_HEADER = 8;
export const TAG = 8;
export const CHECK = 4;
/** Of a batch, around its body. */
export const OVERHEAD = BATCH_HEADER + TAG + CHECK;
