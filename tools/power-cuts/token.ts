/** The real token on given chips, under a virtual clock, with a counter that carries and neighbours that say what they are told. */
import { twinBoard } from '../../device/boards/twin/board.js';
import type { TwinFlash } from '../../device/boards/twin/flash.js';
import { FRAME_MAX } from '../../device/link/frame.js';
import { encodeLine, lineReader } from '../../device/link/lines.js';
import { mountLog } from '../../device/log/log.js';
import type { Firmware, Flash, LinkPort } from '../../device/ports.js';
import { buildAdvert } from '../../device/robert/advert.js';
import { buildHello } from '../../device/robert/hello.js';
import { layout } from '../../device/token/layout.js';
import { startToken, type Token } from '../../device/token/token.js';
import { nodeDigest } from '../../host/crypto.js';
import type { Carrier } from '../../host/link/carrier.js';
import { TokenLink } from '../../host/link/client.js';
import { Stream } from '../simulate/random.js';
import { BoardClock, Timeline } from '../simulate/timeline.js';

/** A virtual moment for whatever waits for one on the link, seconds. */
const LINK_STEP = 0.02;
const NEIGHBOUR_DBM = -50;
const ECC = 0x21;

export interface Bench {
  timeline: Timeline;
  token: Token;
  /** EBIDs that every scan window hears. */
  around: Uint8Array[];
  /** Payload of the last advert; undefined while silent. */
  advert: Uint8Array | undefined;
  troubles: string[];
  link: TokenLink;
  press(seconds: number): void;
  /** Lets virtual time pass until the counter has its answer. */
  settled<T>(work: Promise<T>): Promise<T>;
}

export interface BootOptions {
  /** NTP seconds. */
  at: number;
  /** Whether the real-time counter ran on; otherwise it is cleared, as without a cell. */
  keepsTime: boolean;
  firmware?: Flash | undefined;
  timeline?: Timeline;
}

function cable(): { tokenEnd: LinkPort; counterEnd: Carrier } {
  let toToken: (chunk: Uint8Array) => void = () => {};
  let toCounter: (chunk: Uint8Array) => void = () => {};
  return {
    tokenEnd: {
      onData: (receive) => {
        toToken = receive;
      },
      write: (chunk) => queueMicrotask(() => toCounter(chunk)),
    },
    counterEnd: {
      name: 'cable',
      bytes: { sent: 0, received: 0 },
      listen(onFrame) {
        toCounter = lineReader(FRAME_MAX, onFrame);
      },
      send: (frame) => queueMicrotask(() => toToken(encodeLine(frame))),
      close: async () => {},
    },
  };
}

/** Boots the token. What it does from here on it does on `flash`. */
export function boot(
  flash: TwinFlash,
  { at, keepsTime, firmware, timeline = new Timeline(at, () => 0) }: BootOptions,
): Bench {
  const clock = new BoardClock(timeline, 0);
  if (keepsTime) clock.setRtc(at);
  const troubles: string[] = [];
  const random = new Stream(1, 'token');
  const wire = cable();
  const self = { timeline, around: [] as Uint8Array[], advert: undefined as Uint8Array | undefined, troubles };
  const board = twinBoard({
    digest: nodeDigest,
    random,
    clock,
    flash,
    radio: {
      txGain: 0,
      rxGain: 0,
      advertise(payload) {
        self.advert = payload;
      },
      silence() {
        self.advert = undefined;
      },
      scan(_window, heard) {
        for (const ebid of self.around) {
          const hello = buildHello(nodeDigest, new Uint8Array(32), ECC, ebid, Math.floor(timeline.now()));
          heard(buildAdvert(hello, 0), NEIGHBOUR_DBM);
        }
      },
    },
    ...(firmware ? { firmware: firmwareOf(firmware) } : {}),
  });
  const token = startToken(board.ports, { onTrouble: (what) => troubles.push(what) });
  board.plug(wire.tokenEnd);
  const timers = {
    monotonic: () => timeline.now(),
    after: (seconds: number, callback: () => void) => timeline.at(timeline.now() + seconds, callback),
  };
  const link = new TokenLink(wire.counterEnd, { random: new Stream(2, 'counter'), clock: timers });
  return Object.assign(self, {
    token,
    link,
    press: board.press,
    async settled<T>(work: Promise<T>): Promise<T> {
      let isOver = false;
      const over = (): void => {
        isOver = true;
      };
      work.then(over, over);
      for (;;) {
        await new Promise(setImmediate);
        if (isOver) return work;
        timeline.advance(timeline.now() + LINK_STEP);
      }
    },
  });
}

function firmwareOf(flash: Flash): Firmware {
  return { flash, interpreter: '', restart: () => {} };
}

/** The log of a token's flash. */
export function logOf(flash: Flash): ReturnType<typeof mountLog> {
  const places = layout(flash);
  return mountLog(nodeDigest, places.log, places.states);
}
