/**
 * A token whose clock moves by steps, on the interpreter or on the simulated board with the interpreter's randomness and
 * clock: whoever takes the same steps must say, hear, keep and answer the same.
 */
import { TWIN_PAGE_SIZE, TWIN_PAGES, twinBoard } from '../../../device/boards/twin/board.js';
import { twinFlash } from '../../../device/boards/twin/flash.js';
import type { Clock, Radio, Random } from '../../../device/ports.js';
import { ntpOfUnix } from '../../../device/robert/time.js';
import { startToken } from '../../../device/token/token.js';
import { nodeDigest } from '../../../host/crypto.js';
import { TokenLink } from '../../../host/link/client.js';
import { openSerial } from '../../../host/link/serial.js';
import { cable } from '../../support/cable.js';
import { seededRandom } from '../../support/chance.js';
import { answer, ENC, GATEWAY_KEY, K_AUTH, K_ENC, SECRET } from '../../support/fleet.js';
import { firmware, STORAGE_BYTES } from './board.js';
import { type Step, type Stepped, startInterpreter } from './interpreter.js';
import { tokenPages } from './token-file.js';

/** [milliseconds, RSSI, base64 of the advert] */
export type Heard = [number, number, string];

/** What the radio did. `at`: milliseconds, when the step that it happened in was over. */
export type Emission =
  | { kind: 'advert'; at: number; address: string; payload: string; interval: number; connectable: boolean }
  | { kind: 'silent' | 'scan' | 'unscan'; at: number };

export interface SteppedToken {
  emissions: Emission[];
  step(to: number, heard: Heard[]): Promise<Stepped>;
  /** Puts the token on the counter; the sessions of one `seed` are the same bytes. */
  visit<T>(seed: number, work: (link: TokenLink) => Promise<T>): Promise<T>;
  press(seconds: number): Promise<void>;
  /** The bytes of the token's own flash pages. */
  pages(): Uint8Array;
  close(): Promise<void>;
}

const BANGLE_GAIN = -10;
const FIRST_BITS = 0xc0;
const MICROSECOND = 1e-6;

/** Provisions a token with the keys and the answer of test/support/fleet.ts. */
export async function provision(token: SteppedToken, ntp: number): Promise<void> {
  const nonce = new Uint8Array(16).fill(9);
  await token.visit(1, async (link) => {
    await link.ask('provision', {
      kAuth: K_AUTH,
      kEnc: K_ENC,
      enc: ENC,
      secret: SECRET,
      nonce,
      gatewayKey: GATEWAY_KEY,
    });
    await deliver(link, { nonce, mac: new Uint8Array(32) }, ntp);
  });
}

/** Carries the server's answer to a request. */
export async function deliver(
  link: TokenLink,
  request: { nonce: Uint8Array; mac: Uint8Array },
  ntp: number,
): Promise<void> {
  const { head, days } = answer(request, ntp);
  const { nextDay } = await link.ask('head', { sealed: head });
  for (let index = nextDay; index < days.length; index++) {
    await link.ask('day', { index, sealed: days[index] as Uint8Array });
  }
}

const TOKEN_BYTES = TWIN_PAGES * TWIN_PAGE_SIZE;

/** Bangle.js 2 on the real interpreter. `unix`: whole seconds; `pages`: what its flash holds, when it is not new. */
export async function steppedBoard(seed: number, unix: number, pages?: Uint8Array): Promise<SteppedToken> {
  const options = { ...(await firmware('bangle2')), seed, speed: 0, unix, ...(pages && { pages }) };
  const board = startInterpreter(options, STORAGE_BYTES);
  const emissions: Emission[] = [];
  let at = 0;
  board.onReport((report) => {
    if (report.t === 'advert') {
      const { address, data, interval, connectable } = report as typeof report & {
        address: string;
        data: number[];
        interval: number;
        connectable: boolean;
      };
      const payload = Buffer.from(data).toString('hex');
      emissions.push({ kind: 'advert', at, address: address.replace(' random', ''), payload, interval, connectable });
    } else if (report.t === 'silent' || report.t === 'scan' || report.t === 'unscan') {
      emissions.push({ kind: report.t, at });
    }
  });

  async function step(to: number, heard: Heard[]): Promise<Stepped> {
    at = to;
    const command: Step = { t: 'step', to, heard };
    const { now, next } = await board.step(command);
    return { now, next };
  }

  return {
    emissions,
    step,
    async visit(linkSeed, work) {
      const link = new TokenLink(await openSerial(board.path), { random: seededRandom(linkSeed) });
      try {
        return await work(link);
      } finally {
        await link.close();
      }
    },
    async press(seconds) {
      board.press(seconds);
      // What is pressed comes over the slow line; the step after it would overtake it.
      await board.memory();
    },
    pages: () => tokenPages(board.image(), TOKEN_BYTES),
    close: board.close,
  };
}

/** E.hwRand of stand-in.js, filled in as device/boards/espruino/random.ts does. */
function interpretersRandom(seed: number): Random {
  let x = seed | 1;
  return {
    fill(out) {
      for (let i = 0; i < out.length; ) {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        let bits = x;
        for (let byte = 0; byte < 4 && i < out.length; byte++) {
          out[i++] = bits & 0xff;
          bits >>= 8;
        }
      }
    },
  };
}

interface Timer {
  due: number;
  run: () => void;
}

/** The clock of stand-in.js under device/boards/espruino/clock.ts. */
function steppedClock(unix: number): { clock: Clock; runUntil: (to: number) => void; next: () => number } {
  let timers: Timer[] = [];
  let now = 0;
  let shift = 0;
  const getTime = (): number => unix + shift + now;
  let boot = getTime();

  function first(): Timer | undefined {
    return timers.reduce<Timer | undefined>((a, b) => (a === undefined || b.due < a.due ? b : a), undefined);
  }

  return {
    clock: {
      monotonic: () => getTime() - boot,
      rtc: () => ntpOfUnix(getTime()),
      setRtc(ntp) {
        const before = getTime();
        shift += ntp - ntpOfUnix(0) - getTime();
        boot += getTime() - before;
      },
      after(seconds, run) {
        const timer = { due: now + (seconds * 1000) / 1000 + MICROSECOND, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    },
    runUntil(to) {
      for (let timer = first(); timer !== undefined && timer.due <= to; timer = first()) {
        const { run } = timer;
        timers = timers.filter((other) => other !== timer);
        now = Math.max(now, timer.due);
        run();
      }
      now = Math.max(now, to);
    },
    next() {
      const timer = first();
      return timer === undefined ? -1 : Math.ceil(timer.due * 1000);
    },
  };
}

/** The same token under Node. */
export function steppedTwin(seed: number, unix: number, pages?: Uint8Array): SteppedToken & { isListening(): boolean } {
  const { clock, runUntil, next } = steppedClock(unix);
  const emissions: Emission[] = [];
  let at = 0;
  let listener: ((payload: Uint8Array, rssi: number) => void) | undefined;
  let endWindow: () => void = () => {};
  let isSilent = true;

  function stopScan(): void {
    endWindow();
    listener = undefined;
    emissions.push({ kind: 'unscan', at });
  }

  const radio: Radio = {
    txGain: BANGLE_GAIN,
    rxGain: BANGLE_GAIN,
    advertise(payload, address, interval) {
      isSilent = false;
      emissions.push({
        kind: 'advert',
        at,
        address: [...address]
          .map((byte, i) => (i === 0 ? byte | FIRST_BITS : byte).toString(16).padStart(2, '0'))
          .join(':'),
        payload: Buffer.from(payload).toString('hex'),
        interval: Math.round(interval * 1000),
        connectable: false,
      });
    },
    silence() {
      if (!isSilent) emissions.push({ kind: 'silent', at });
      isSilent = true;
    },
    scan(seconds, heard) {
      if (listener) stopScan();
      listener = heard;
      emissions.push({ kind: 'scan', at });
      endWindow = clock.after(seconds, stopScan);
    },
  };
  const flash = twinFlash(TWIN_PAGES, TWIN_PAGE_SIZE);
  if (pages) flash.bytes.set(pages);
  const random = interpretersRandom(seed);
  const board = twinBoard({ digest: nodeDigest, random, clock, radio, flash, battery: { percent: () => 80 } });
  const token = startToken(board.ports);

  return {
    emissions,
    isListening: () => listener !== undefined,
    async step(to, heard) {
      at = to;
      for (const [milliseconds, rssi, payload] of heard) {
        runUntil(milliseconds / 1000);
        listener?.(new Uint8Array(Buffer.from(payload, 'base64')), rssi);
      }
      runUntil(to / 1000);
      return { now: to, next: next() };
    },
    async visit(linkSeed, work) {
      const wire = cable();
      board.plug(wire.tokenEnd);
      const link = new TokenLink(wire.counterEnd, { random: seededRandom(linkSeed) });
      try {
        return await work(link);
      } finally {
        await link.close();
        board.unplug();
      }
    },
    press: async (seconds) => board.press(seconds),
    pages: () => flash.bytes,
    close: async () => token.stop(),
  };
}
