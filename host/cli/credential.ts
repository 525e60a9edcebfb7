/** The operator credential: a line in a file, never an argument, which every other user of this computer could read. */
import { readFileSync } from 'node:fs';
import { GaletError } from '../errors.js';

/** Throws 'credential-missing'. */
export function readCredential(file: string): string {
  let text = '';
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new GaletError('credential-missing', { file }, error);
  }
  if (text === '') throw new GaletError('credential-missing', { file });
  return text;
}
