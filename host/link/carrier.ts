/** Bytes in each direction, seen from the host. */
export interface ByteCount {
  sent: number;
  received: number;
}

/** What carries the link's frames to a token: a serial port, or Bluetooth. */
export interface Carrier {
  /** Where the token is, in words that a person knows: a port's path, say. */
  readonly name: string;
  /** Bytes on the wire so far, whatever the carrier wraps around frames included. */
  readonly bytes: ByteCount;
  /**
   * Registers the one receiver of frames, and of the news that the carrier is gone (with its cause, for the log), or that
   * it was and is back: what was under way is lost.
   */
  listen(onFrame: (frame: Uint8Array) => void, onGone: (cause: unknown) => void, onMended?: () => void): void;
  /** Sends or loses a frame; does not throw. */
  send(frame: Uint8Array): void;
  close(): Promise<void>;
}
