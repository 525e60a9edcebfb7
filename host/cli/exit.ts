/** Thrown by a command that has told everything itself, to end with an exit code of its own. */
export class ExitCode extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`);
  }
}
