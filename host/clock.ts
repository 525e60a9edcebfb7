/** The host's clock as a parameter: everything that needs the time is handed an `NtpClock`; only main programs read the system's. */
import { UNIX_EPOCH_NTP } from '../device/robert/time.js';

/** NTP seconds (era 0), fractional. */
export type NtpClock = () => number;

export const systemClock: NtpClock = () => Date.now() / 1000 + UNIX_EPOCH_NTP;
