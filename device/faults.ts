/**
 * Named refusals of the token. The number travels in the link's error reply (docs/spec/link.md), so a number is never
 * given a second meaning; sentences for people live in the host's catalogue.
 */
export const FAULTS = {
  'port-absent': 1,
  'flash-rule': 2,
  'message-malformed': 3,
  'message-version': 4,
  'message-unknown': 5,
  'state-wrong': 6,
  'not-provisioned': 7,
  'already-provisioned': 8,
  'too-soon': 9,
  'too-many-requests': 10,
  'no-request-pending': 11,
  'answer-late': 12,
  'answer-forged': 13,
  'answer-version': 14,
  'block-forged': 15,
  'block-unexpected': 16,
  'no-identifier': 17,
  'consent-missing': 18,
  'nothing-to-report': 19,
  'report-unknown': 20,
  'receipt-forged': 21,
  ended: 22,
  'flash-full': 23,
  'link-lost': 24,
  'frame-malformed': 25,
  'batch-absent': 26,
  internal: 27,
  'already-reported': 28,
  'key-refused': 29,
  'update-absent': 30,
  'root-absent': 31,
  'object-malformed': 32,
  'object-old': 33,
  'object-expired': 34,
  'object-foreign': 35,
  'signature-refused': 36,
  'page-forged': 37,
  'time-unknown': 38,
  'not-ordered': 39,
} as const;

export type FaultName = keyof typeof FAULTS;

export interface Fault extends Error {
  fault: FaultName;
  /** A number that the reply carries along, for instance the seconds still to wait. */
  detail: number;
}

/**
 * Makes a fault to throw. A factory rather than a subclass of Error, because Espruino cannot subclass Error; `cause`
 * is for a developer's eyes and never holds a secret.
 */
export function fault(name: FaultName, cause?: string, detail?: number): Fault {
  const error = new Error(cause === undefined ? name : `${name}: ${cause}`) as Fault;
  error.fault = name;
  error.detail = detail === undefined ? 0 : detail;
  return error;
}

/** The fault that was thrown, or undefined for anything else. */
export function faultOf(thrown: unknown): Fault | undefined {
  if (thrown instanceof Error && typeof (thrown as Fault).fault === 'string') return thrown as Fault;
  return undefined;
}

/** The name behind a number of the link's error reply; 'internal' for a number from the future. */
export function faultName(code: number): FaultName {
  const names = Object.keys(FAULTS) as FaultName[];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as FaultName;
    if (FAULTS[name] === code) return name;
  }
  return 'internal';
}
