/** A counter and a server in a few lines, for a board on the interpreter: its visits take the real link, without a port. */
import { FRAME_MAX } from '../../../device/link/frame.js';
import { encodeLine, lineReader } from '../../../device/link/lines.js';
import { encodePacket, packetReader } from '../../../device/link/packets.js';
import type { Carrier } from '../../../host/link/carrier.js';
import { TokenLink } from '../../../host/link/client.js';
import { seededRandom } from '../../support/chance.js';
import { type Answered, answer, ENC, GATEWAY_KEY, K_AUTH, K_ENC, SECRET } from '../../support/fleet.js';
import type { Interpreter, Report } from './interpreter.js';

/** NTP seconds at Unix second 0. */
export const UNIX_ZERO = 2_208_988_800;

const REQUEST_STATUS = 2;
/** Code in flash is read from a file here, byte by byte: slower by far than on a board. */
const REPLY_SECONDS = 300;

function carrierOf(board: Interpreter, sent: (line: Uint8Array) => void): Carrier {
  const bytes = { sent: 0, received: 0 };
  let onLine: (line: Uint8Array) => void = () => {};
  board.onOutput((line) => {
    bytes.received += line.length;
    onLine(line);
  });
  return {
    name: 'board',
    bytes,
    listen(onFrame) {
      onLine = lineReader(FRAME_MAX, onFrame);
    },
    send(frame) {
      const line = encodeLine(frame);
      bytes.sent += line.length;
      sent(line);
      board.type(line);
    },
    close: async () => {},
  };
}

/** A cable to a board; `seed` draws the session's name, `sent` sees each line that the counter sends. */
export function plugIn(board: Interpreter, seed = 1, sent: (line: Uint8Array) => void = () => {}): TokenLink {
  const settings = { random: seededRandom(seed), openSeconds: REPLY_SECONDS, replySeconds: REPLY_SECONDS };
  return new TokenLink(carrierOf(board, sent), settings);
}

function airCarrierOf(board: Interpreter, size: number): Carrier {
  const bytes = { sent: 0, received: 0 };
  let onFrame: (frame: Uint8Array) => void = () => {};
  const reader = packetReader((frame) => onFrame(frame));
  board.onReport((report) => {
    if (report.t !== 'packets') return;
    const chunk = Buffer.from(report.data as string, 'base64');
    bytes.received += chunk.length;
    reader.read(chunk);
  });
  return {
    name: 'board',
    bytes,
    listen(listener) {
      onFrame = listener;
    },
    send(frame) {
      const packet = encodePacket(frame);
      bytes.sent += packet.length;
      for (let at = 0; at < packet.length; at += size) {
        const data = Buffer.from(packet.subarray(at, at + size)).toString('base64');
        board.command({ t: 'packets', data });
      }
    },
    close: async () => {},
  };
}

/** Whether the board let a counter connect. */
export async function connect(board: Interpreter): Promise<boolean> {
  return (await board.ask<Report & { is: boolean }>({ t: 'connect' }, 'connected')).is;
}

/** A link over the connection that the board has let a counter make, in packets of at most `size` bytes. */
export function talk(board: Interpreter, seed: number, size: number): TokenLink {
  const settings = { random: seededRandom(seed), openSeconds: REPLY_SECONDS, replySeconds: REPLY_SECONDS };
  return new TokenLink(airCarrierOf(board, size), settings);
}

/** Whether the token took all of it. */
export async function deliver(link: TokenLink, answered: Answered): Promise<boolean> {
  const { nextDay } = await link.ask('head', { sealed: answered.head });
  let applied = 0;
  for (let index = nextDay; index < answered.days.length; index++) {
    ({ applied } = await link.ask('day', { index, sealed: answered.days[index] as Uint8Array }));
  }
  return applied === 1;
}

/** Sets a blank token up at `ntp` seconds. */
export function provision(link: TokenLink, ntp: number): Promise<boolean> {
  const nonce = new Uint8Array(16).fill(9);
  return link
    .ask('provision', { kAuth: K_AUTH, kEnc: K_ENC, enc: ENC, secret: SECRET, nonce, gatewayKey: GATEWAY_KEY })
    .then(() => deliver(link, answer({ nonce, mac: new Uint8Array(32) }, ntp)));
}

/** A visit: time, identifiers, risk. `kEnc`: the key of the token now, which it may have renewed at the visit before. */
export async function refill(link: TokenLink, ntp: number, kEnc: Uint8Array = K_ENC): Promise<boolean> {
  const request = await link.ask('request', { kind: REQUEST_STATUS, courierTime: Math.floor(ntp) });
  return deliver(link, answer(request, ntp, {}, undefined, kEnc));
}
