/** What the demo can show. */
export interface Play {
  /**
   * Tells it, with all its files in `folder`, until it is over or `stopped` by a person; the exit code. Throws what went
   * wrong.
   */
  run(folder: string, stopped: Promise<void>): Promise<number>;
  /** Ends whatever was started, however far it came. */
  close(): Promise<void>;
}

/** The exit code of what a person has stopped. */
export const STOPPED = 130;
