/**
 * What the small token refuses, as the numbers of device/faults.ts: a number is thrown where the full token throws a named
 * fault, because names and their table cost memory.
 */
export const MALFORMED = 3;
export const VERSION = 4;
export const UNKNOWN = 5;
export const NOT_PROVISIONED = 7;
export const ALREADY_PROVISIONED = 8;
export const TOO_SOON = 9;
export const TOO_MANY_REQUESTS = 10;
export const NO_REQUEST_PENDING = 11;
export const ANSWER_LATE = 12;
export const ANSWER_FORGED = 13;
export const ANSWER_VERSION = 14;
export const BLOCK_FORGED = 15;
export const BLOCK_UNEXPECTED = 16;
export const NO_IDENTIFIER = 17;
export const CONSENT_MISSING = 18;
export const NOTHING_TO_REPORT = 19;
export const REPORT_UNKNOWN = 20;
export const RECEIPT_FORGED = 21;
export const ENDED = 22;
export const INTERNAL = 27;
export const ALREADY_REPORTED = 28;

/** A refusal with a detail, which its reply carries along, is their number plus this times the detail. */
export const DETAIL = 0x100;
