/** A promise that was not kept, and where. */
export interface CutFailure {
  /** What replays it. */
  id: string;
  what: string;
}

export function failureOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
