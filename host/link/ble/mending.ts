/**
 * A carrier that mends itself: when its connection drops, it connects again to the same token, and the session goes on
 * where it was, at the very fragment. What was under way is lost, which the link repairs (docs/spec/link.md, section 5).
 */
import { FRAME_MAX } from '../../../device/link/frame.js';
import { encodePacket, packetReader } from '../../../device/link/packets.js';
import { GaletError } from '../../errors.js';
import type { ByteCount, Carrier } from '../carrier.js';
import type { NusPipe } from './nus.js';

/** Connections in a row that may drop before a single frame has come over them. */
const MENDS = 5;

const LAST_WRITE_MILLISECONDS = 50;

/** Connects to the token again, within a bound of its own. */
export type Reconnect = () => Promise<NusPipe>;

export class MendingCarrier implements Carrier {
  readonly name: string;
  readonly bytes: ByteCount = { sent: 0, received: 0 };
  #pipe: NusPipe | undefined;
  #onFrame: (frame: Uint8Array) => void = () => {};
  #onGone: (cause: unknown) => void = () => {};
  #onMended: () => void = () => {};
  #isClosed = false;
  /** Connections since the last frame. */
  #fruitless = 0;
  #mending: Promise<void> | undefined;

  constructor(
    pipe: NusPipe,
    private readonly reconnect: Reconnect,
  ) {
    this.name = pipe.name;
    this.#take(pipe);
  }

  listen(
    onFrame: (frame: Uint8Array) => void,
    onGone: (cause: unknown) => void,
    onMended: () => void = () => {},
  ): void {
    this.#onFrame = onFrame;
    this.#onGone = onGone;
    this.#onMended = onMended;
  }

  send(frame: Uint8Array): void {
    if (this.#pipe === undefined || frame.length === 0 || frame.length > FRAME_MAX) return;
    const packet = encodePacket(frame);
    this.bytes.sent += packet.length;
    this.#pipe.write(packet);
  }

  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      // The last acknowledgement should leave before the connection ends.
      await new Promise((resolve) => setTimeout(resolve, LAST_WRITE_MILLISECONDS));
    }
    await this.#pipe?.close();
    await this.#mending;
  }

  #take(pipe: NusPipe): void {
    const reader = packetReader((frame) => {
      this.#fruitless = 0;
      this.#onFrame(frame);
    });
    this.#pipe = pipe;
    pipe.listen(
      (chunk) => {
        this.bytes.received += chunk.length;
        reader.read(chunk);
      },
      (cause) => {
        this.#pipe = undefined;
        if (!this.#isClosed) this.#mending ??= this.#mend(cause);
      },
    );
  }

  async #mend(cause: unknown): Promise<void> {
    try {
      this.#fruitless += 1;
      if (this.#fruitless > MENDS) throw cause;
      const pipe = await this.reconnect();
      this.#mending = undefined;
      if (this.#isClosed) return await pipe.close();
      this.#take(pipe);
      this.#onMended();
    } catch (error) {
      this.#mending = undefined;
      if (!this.#isClosed) this.#onGone(error instanceof GaletError ? error : cause);
    }
  }
}
