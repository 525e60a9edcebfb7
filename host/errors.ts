/**
 * The one root of all named refusals on the host. A code is stable; the sentence that a person reads is in
 * catalogue/errors.ts, the cause is for the log.
 */
export interface ErrorKind {
  /** Exit code of the command line. */
  exit: number;
  /** HTTP status where a service answers with it. */
  status: number;
}

/**
 * Exit codes: 1 internal, 2 usage, 3 refused by the token, 4 refused by the server, 5 unreachable, 6 not now, 7 local
 * state, 8 not signed as tokens want it, 9 release files and keys, 10 a board to install. Where a script may want to tell kinds of one class apart, a second digit does: 41 is a kind of 4.
 */
export const ERRORS = {
  internal: { exit: 1, status: 500 },
  usage: { exit: 2, status: 400 },
  interrupted: { exit: 130, status: 503 },

  // The counter: what the token refuses.
  'token-refused': { exit: 30, status: 409 },
  'token-blank': { exit: 31, status: 409 },
  'token-ended': { exit: 32, status: 409 },
  'token-provisioned': { exit: 33, status: 409 },
  'answer-refused': { exit: 34, status: 409 },
  'wipe-unproven': { exit: 35, status: 409 },

  // The counter: what the server refuses.
  'server-refused': { exit: 40, status: 400 },
  'code-unknown': { exit: 41, status: 403 },
  'code-used': { exit: 42, status: 403 },
  'code-expired': { exit: 43, status: 403 },
  'code-mismatch': { exit: 44, status: 403 },
  'token-unknown': { exit: 45, status: 430 },
  'report-unreadable': { exit: 46, status: 422 },
  'report-expired': { exit: 47, status: 410 },
  'operator-refused': { exit: 48, status: 401 },

  // The counter: what cannot be reached.
  'kiosk-unreachable': { exit: 51, status: 503 },
  'backend-unreachable': { exit: 52, status: 503 },
  'backend-failing': { exit: 53, status: 502 },

  // The counter: what has to wait.
  'token-too-soon': { exit: 61, status: 409 },
  'token-too-many-requests': { exit: 62, status: 409 },
  'consent-lapsed': { exit: 63, status: 409 },
  'nothing-to-report': { exit: 64, status: 409 },
  'report-done': { exit: 68, status: 409 },
  'report-waiting': { exit: 65, status: 409 },

  // The counter: what is wrong on this computer.
  'kiosk-full': { exit: 71, status: 507 },
  'database-newer': { exit: 72, status: 500 },
  'database-foreign': { exit: 73, status: 500 },
  'database-busy': { exit: 74, status: 500 },
  'address-busy': { exit: 75, status: 500 },
  'credential-missing': { exit: 70, status: 500 },

  // A token as a process.
  'flash-file-unusable': { exit: 76, status: 500 },
  'air-unavailable': { exit: 77, status: 500 },

  // The kiosk's own API.
  'foreign-request': { exit: 2, status: 403 },
  'request-malformed': { exit: 2, status: 400 },
  'request-too-large': { exit: 2, status: 413 },
  'not-found': { exit: 2, status: 404 },
  'report-unknown': { exit: 7, status: 404 },
  'report-conflict': { exit: 7, status: 409 },
  'report-incomplete': { exit: 7, status: 409 },
  'report-malformed': { exit: 3, status: 422 },

  // The server's own refusals and troubles.
  'request-refused': { exit: 40, status: 400 },
  'registration-unknown': { exit: 45, status: 404 },
  'public-key-invalid': { exit: 40, status: 400 },
  'too-many-requests': { exit: 60, status: 429 },
  'service-ended': { exit: 49, status: 410 },
  'parameters-invalid': { exit: 76, status: 500 },
  'not-initialised': { exit: 77, status: 500 },
  'key-missing': { exit: 78, status: 500 },

  // The link: what the token refuses, and what is wrong between it and the counter.
  'answer-late': { exit: 36, status: 409 },
  'token-state-wrong': { exit: 37, status: 409 },
  'token-no-identifier': { exit: 38, status: 409 },
  'link-version': { exit: 39, status: 409 },
  'token-report-unknown': { exit: 30, status: 409 },
  'token-batch-absent': { exit: 30, status: 409 },
  'token-full': { exit: 30, status: 409 },
  'receipt-refused': { exit: 30, status: 409 },
  'consent-missing': { exit: 66, status: 409 },
  'update-unsupported': { exit: 30, status: 409 },
  'update-refused': { exit: 30, status: 409 },
  'update-old': { exit: 30, status: 409 },
  'update-expired': { exit: 30, status: 409 },
  'update-image-wrong': { exit: 40, status: 502 },
  'update-not-ordered': { exit: 69, status: 409 },
  'update-unconfirmed': { exit: 69, status: 409 },
  'update-rolled-back': { exit: 69, status: 409 },
  'port-missing': { exit: 54, status: 503 },
  'port-denied': { exit: 55, status: 503 },
  'port-failed': { exit: 56, status: 503 },
  'port-busy': { exit: 67, status: 503 },
  'link-silent': { exit: 57, status: 503 },
  'link-lost': { exit: 58, status: 503 },
  'link-garbled': { exit: 59, status: 502 },
  'pty-unavailable': { exit: 79, status: 500 },

  // What the release keys have signed, or should.
  'signed-malformed': { exit: 80, status: 422 },
  'signature-wrong': { exit: 81, status: 422 },
  'signer-unknown': { exit: 82, status: 422 },
  'signer-twice': { exit: 83, status: 422 },
  'signatures-missing': { exit: 84, status: 422 },
  'signed-expired': { exit: 85, status: 422 },
  'roots-broken': { exit: 86, status: 422 },
  'root-missing': { exit: 87, status: 422 },
  'image-wrong': { exit: 88, status: 422 },
  'release-misplaced': { exit: 89, status: 422 },

  // The desk of a holder of a release key.
  'file-unusable': { exit: 90, status: 500 },
  'file-there': { exit: 91, status: 500 },
  'key-file-unusable': { exit: 92, status: 500 },
  'passphrase-missing': { exit: 93, status: 500 },
  'passphrase-wrong': { exit: 94, status: 500 },
  'passphrase-short': { exit: 95, status: 500 },
  'build-unusable': { exit: 96, status: 500 },
  'version-taken': { exit: 97, status: 500 },

  // A board that is to become a token.
  'board-failed': { exit: 100, status: 502 },
  'board-unknown': { exit: 101, status: 409 },
  'board-other': { exit: 102, status: 409 },
  'interpreter-old': { exit: 103, status: 409 },
  'storage-foreign': { exit: 104, status: 409 },
  'storage-full': { exit: 105, status: 409 },
  'firmware-missing': { exit: 106, status: 500 },
  'release-missing': { exit: 107, status: 404 },
  'install-unconfirmed': { exit: 108, status: 502 },

  // Bluetooth on the counter's computer, and who asks over it.
  'bluetooth-missing': { exit: 110, status: 501 },
  'adapter-missing': { exit: 111, status: 503 },
  'adapter-denied': { exit: 112, status: 503 },
  'adapter-off': { exit: 113, status: 503 },
  'token-gone': { exit: 114, status: 503 },
  'no-token-asks': { exit: 116, status: 503 },
  'colour-not-there': { exit: 117, status: 503 },
  'colour-twice': { exit: 118, status: 409 },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export type ErrorParameters = Record<string, string | number>;

export class GaletError extends Error {
  /** `parameters` fill the sentence's placeholders and are shown to people; `cause` is for the log. Neither holds a secret. */
  constructor(
    readonly code: ErrorCode,
    readonly parameters: ErrorParameters = {},
    cause?: unknown,
  ) {
    super(code, { cause });
    this.name = 'GaletError';
  }

  get kind(): ErrorKind {
    return ERRORS[this.code];
  }
}
