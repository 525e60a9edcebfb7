/**
 * ROBERT's clocks (docs/spec/robert.md, "Clocks"). Everything is NTP seconds of era 0 as a whole number; an epoch is
 * 900 s, as robert-server hard-codes it, counted from the service start.
 */
export const EPOCH_SECONDS = 900;
export const DAY_SECONDS = 86400;
export const EPOCHS_A_DAY = 96;
/** NTP seconds of 1970-01-01, 00:00 UTC. */
export const UNIX_EPOCH_NTP = 2208988800;
/** 2020-06-01, 00:00 UTC: where robert-server starts counting unless told otherwise. */
export const DEFAULT_SERVICE_START = 3799958400;
/** Seconds by which a HELLO's time may differ from its reception (robert-server's default, inclusive). */
export const HELLO_TOLERANCE_SECONDS = 180;

export function ntpOfUnix(unixSeconds: number): number {
  return unixSeconds + UNIX_EPOCH_NTP;
}

export function unixOfNtp(ntp: number): number {
  return ntp - UNIX_EPOCH_NTP;
}

/** The epoch that `ntp` falls into; cut towards zero as robert-server does, so 0 for the 900 s before the start too. */
export function epochAt(serviceStart: number, ntp: number): number {
  const epochs = (ntp - serviceStart) / EPOCH_SECONDS;
  // Adding 0 turns the -0 of the last case into 0.
  return (epochs < 0 ? Math.ceil(epochs) : Math.floor(epochs)) + 0;
}

/** NTP seconds at which an epoch starts. */
export function epochStart(serviceStart: number, epoch: number): number {
  return serviceStart + EPOCH_SECONDS * epoch;
}

/** The low 16 bits of the seconds: what a HELLO carries. */
export function time16(ntp: number): number {
  return Math.floor(ntp) % 0x10000;
}

/** Circular distance of two 16-bit times: 0..32768. */
export function distance16(a: number, b: number): number {
  const ahead = (a - b + 0x10000) % 0x10000;
  return ahead > 0x8000 ? 0x10000 - ahead : ahead;
}

/** Whole UTC days since the start of NTP era 0. */
export function utcDay(ntp: number): number {
  return Math.floor(ntp / DAY_SECONDS);
}

/** 00:00 UTC of the day that `ntp` falls into. */
export function dayStart(ntp: number): number {
  return utcDay(ntp) * DAY_SECONDS;
}
