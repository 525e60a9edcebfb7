/**
 * Frames over a pipe that loses nothing and knows no boundaries, as the Nordic UART Service is while a connection lasts:
 * each frame goes after one byte that counts it (0 stands for 1 byte, 255 for 256). Packets may cut the pipe anywhere;
 * what a lost connection has cut off is forgotten when the next begins.
 */

const LENGTH = 1;

/** `frame`, 1 to 256 bytes, with its length before it. */
export function encodePacket(frame: Uint8Array): Uint8Array {
  const out = new Uint8Array(LENGTH + frame.length);
  out[0] = frame.length - 1;
  out.set(frame, LENGTH);
  return out;
}

export interface PacketReader {
  /** Takes a chunk, cut anywhere. */
  read(chunk: Uint8Array): void;
  /** A new connection has begun. */
  reset(): void;
}

/** Hands on each frame that is whole. It holds one unfinished frame at most. */
export function packetReader(onFrame: (frame: Uint8Array) => void): PacketReader {
  /** What has arrived of the frame under way; none between frames. */
  let frame: Uint8Array | undefined;
  let filled = 0;

  return {
    read(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (!frame) {
          frame = new Uint8Array((chunk[at] as number) + 1);
          filled = 0;
          at += LENGTH;
        }
        const taken = Math.min(frame.length - filled, chunk.length - at);
        frame.set(chunk.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled === frame.length) {
          const whole = frame;
          frame = undefined;
          onFrame(whole);
        }
      }
    },
    reset() {
      frame = undefined;
    },
  };
}
