/** What it takes for a file to be there after a power cut, beside its own fsync. */
import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes the names in a folder durable: until then a file just renamed may have its old name again. */
export function syncFolder(folder: string): void {
  // Windows has no handle of a folder to sync, and writes names through.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
