/** A board like Galet-1 with a log of eight pages, so that they come round within a test. */
import { firmware, type Installed } from './board.js';

/** Flash pages of the token: sixteen are not the log's. */
export const SMALL_PAGES = 24;
const PAGES = /\b272\b/g;

export async function smallFirmware(version?: string): Promise<Installed> {
  const { code, ...others } = await firmware('galet1', version);
  if (code.match(PAGES)?.length !== 1) throw new Error('the number of pages is not where it was');
  return { code: code.replace(PAGES, String(SMALL_PAGES)), ...others };
}
