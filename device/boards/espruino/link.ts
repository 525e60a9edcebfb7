/** The counter's pipes: whichever spoke last is answered. None of them is a console any more. */
import type { LinkPort } from '../../ports.js';

export function pipesOf(pipes: EspruinoPipe[]): LinkPort {
  let current = pipes[0];
  return {
    onData(receive) {
      pipes.forEach((pipe) => {
        pipe.on('data', (data) => {
          current = pipe;
          receive(E.toUint8Array(data));
        });
      });
    },
    write(chunk) {
      if (current) current.write(chunk);
    },
  };
}
