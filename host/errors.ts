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

/** Exit codes: 1 internal, 2 usage, 3 refused by the token, 4 refused by the server, 5 unreachable, 6 not now, 7 local state. */
export const ERRORS = {
  internal: { exit: 1, status: 500 },
  usage: { exit: 2, status: 400 },
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
