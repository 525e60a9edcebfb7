import type { TwinBoard } from '../../device/boards/twin/board.js';
import { FRAME_MAX } from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import { DEFAULT_SERVICE_START, epochAt, utcDay } from '../../device/robert/time.js';
import {
  ANSWER_DAYS,
  type AnswerHead,
  answerKey,
  DAY_LENGTH,
  EPOCHS_A_DAY,
  IDENTIFIER_LENGTH,
  NONCE_LENGTH,
  SALT_LENGTH,
  sealDay,
  sealHead,
} from '../../device/seal/answer.js';
import { nodeDigest } from '../../host/crypto.js';
import type { Carrier } from '../../host/link/carrier.js';
import { TokenLink } from '../../host/link/client.js';
import type { Stream } from '../../tools/simulate/random.js';

/** A cable in memory between the host's link and a twin. */
function cable(board: TwinBoard): Carrier {
  const bytes = { sent: 0, received: 0 };
  let toToken: (chunk: Uint8Array) => void = () => undefined;
  let onFrame: (frame: Uint8Array) => void = () => undefined;
  const read = lineReader(FRAME_MAX, (frame) => onFrame(frame));
  board.plug({
    onData: (receive) => {
      toToken = receive;
    },
    write: (chunk) => {
      bytes.received += chunk.length;
      setImmediate(() => read(chunk));
    },
  });
  return {
    name: 'memory',
    bytes,
    listen: (receive) => {
      onFrame = receive;
    },
    send: (frame) => {
      const line = encodeLine(frame);
      bytes.sent += line.length;
      setImmediate(() => toToken(line));
    },
    close: async () => board.unplug(),
  };
}

function drawn(random: Stream, length: number): Uint8Array {
  const out = new Uint8Array(length);
  random.fill(out);
  return out;
}

/** Loads a blank token as a server would, with random identifiers; returns what the two then share. */
export async function loadToken(
  board: TwinBoard,
  ntp: number,
  random: Stream,
): Promise<{ kAuth: Uint8Array; secret: Uint8Array; identifiers: Uint8Array[] }> {
  const [kAuth, kEnc, enc, secret, gatewayKey] = [0, 1, 2, 3, 4].map(() => drawn(random, 32)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const nonce = drawn(random, NONCE_LENGTH);
  const salt = drawn(random, SALT_LENGTH);
  const key = answerKey(nodeDigest, kEnc, nonce, new Uint8Array(32), salt);
  const head: AnswerHead = {
    time: Math.floor(ntp),
    timeMillis: Math.floor((ntp % 1) * 1000),
    riskLevel: 0,
    contactDay: 0,
    orders: 0,
    endTime: 0,
    serviceStart: DEFAULT_SERVICE_START,
    firstDay: utcDay(ntp),
    dayCount: ANSWER_DAYS,
    visitDays: 7,
    phone: '',
    wipeNonce: new Uint8Array(16),
    release: 0,
  };
  const link = new TokenLink(cable(board));
  await link.ask('provision', { kAuth, kEnc, enc, secret, nonce, gatewayKey });
  await link.ask('head', { sealed: sealHead(nodeDigest, key, salt, head) });
  const elapsed = epochAt(DEFAULT_SERVICE_START, ntp) % EPOCHS_A_DAY;
  const all: Uint8Array[] = [];
  for (let day = 0; day < ANSWER_DAYS; day++) {
    const identifiers = drawn(random, DAY_LENGTH);
    if (day === 0) identifiers.fill(0, 0, elapsed * IDENTIFIER_LENGTH);
    all.push(identifiers);
    await link.ask('day', { index: day, sealed: sealDay(nodeDigest, key, day, identifiers) });
  }
  await link.close();
  return { kAuth, secret, identifiers: all };
}
