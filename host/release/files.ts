/** Files of releases and keys: read with a bound, written whole or not at all. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from '../durable.js';
import { GaletError } from '../errors.js';

const PUBLIC = 0o644;
export const OWNER_ONLY = 0o600;

/** At most `max` bytes; 'file-unusable' for what is longer, missing, or no file. */
export function readBounded(file: string, max: number): Uint8Array {
  try {
    const facts = statSync(file);
    if (facts.isFile() && facts.size <= max) return new Uint8Array(readFileSync(file));
  } catch (cause) {
    throw new GaletError('file-unusable', { file }, cause);
  }
  throw new GaletError('file-unusable', { file });
}

/** Puts a file in place in one step, and its folders where they are missing. Throws 'file-unusable'. */
export function writeWhole(file: string, data: Uint8Array | string, mode: number = PUBLIC): void {
  const partial = `${file}.new`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    // One that an interrupted run has left may have other rights.
    rmSync(partial, { force: true });
    const handle = openSync(partial, 'wx', mode);
    try {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(partial, file);
    syncFolder(dirname(file));
  } catch (cause) {
    throw new GaletError('file-unusable', { file }, cause);
  }
}

/** Throws 'file-there'. */
export function mustBeAbsent(file: string): void {
  if (existsSync(file)) throw new GaletError('file-there', { file });
}
