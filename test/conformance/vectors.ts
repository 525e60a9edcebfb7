import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const VECTORS = fileURLToPath(new URL('../vectors', import.meta.url));

export interface VectorFile {
  meta: Record<string, unknown>;
  cases: Record<string, unknown>[];
}

export function readVectors(file: string): VectorFile {
  return JSON.parse(readFileSync(`${VECTORS}/${file}`, 'utf8')) as VectorFile;
}
