/** Times of signed objects as people compare them: the same on every desk, whatever its language and time zone. */
import { UNIX_EPOCH_NTP } from '../../device/robert/time.js';

/** `2026-12-23 20:25 UTC`, of NTP seconds. */
export function instantText(ntp: number): string {
  return `${new Date((ntp - UNIX_EPOCH_NTP) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
