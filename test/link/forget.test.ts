import { expect, it } from 'vitest';
import { buildTerms, FRAME_MAX, OPEN } from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import { type Handlers, serveLink } from '../../device/link/server.js';

it('makes handlers at the first frame, and again after it was told to forget them', () => {
  let made = 0;
  let chunks = 0;
  const answers: Uint8Array[] = [];
  const read = lineReader(FRAME_MAX, (frame) => answers.push(frame));
  let receive: (chunk: Uint8Array) => void = () => {};
  const port = {
    onData(receiver: (chunk: Uint8Array) => void) {
      receive = receiver;
    },
    write: read,
  };
  const forget = serveLink(
    port,
    { clock: { monotonic: () => 0, after: () => () => {} }, onChunk: () => chunks++ },
    () => {
      made++;
      return {} as Handlers;
    },
  );
  const open = encodeLine(buildTerms(OPEN, { version: 1, nonce: 7, frameSize: FRAME_MAX, window: 8 }));

  receive(new Uint8Array([0x20, 0x0a]));
  expect([made, chunks, answers.length]).toEqual([0, 1, 0]);
  receive(open);
  receive(open);
  expect([made, chunks, answers.length]).toEqual([1, 3, 2]);
  forget();
  receive(open);
  expect([made, answers.length]).toEqual([2, 3]);
});
