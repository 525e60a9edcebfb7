/**
 * The radio over HCI. The token says what it wants at once; the controller takes commands one at a time, each after the
 * answer to the one before. So there is a wanted state here, and what the controller has accepted; whenever the two
 * differ, the next command that brings them together goes out. What is on the air is always one whole state: an advert is
 * off while anything but its payload changes, and never pairs one identifier's payload with another's address (R18).
 */
import type { Clock, Radio, Random } from '../../ports.js';
import { BARE_ADVERT, scanResponse } from './asking.js';
import {
  ADDRESS_LENGTH,
  ADV_IND,
  ADV_NONCONN_IND,
  ADV_SCAN_IND,
  type Command,
  commandPacket,
  type HciListener,
  NO_ANSWER,
  readAdvertisingPower,
  SET_ADVERTISING_ENABLE,
  SET_SCAN_ENABLE,
  setAdvertisingData,
  setAdvertisingEnable,
  setAdvertisingParameters,
  setRandomAddress,
  setScanEnable,
  setScanParameters,
  setScanResponse,
} from './hci.js';

/** For how long a press admits a counter (R27). */
export const ADMISSION_SECONDS = 60;
/** A controller that has not answered by then will not. */
const ANSWER_SECONDS = 2;
/** Between a refusal and the next try, unless something else is wanted before. */
const RETRY_SECONDS = 1;
/** The longest silence between two identifiers (R20) lasts 10 s: not even a bare advert may fill it. */
const GAP_SECONDS = 11;
const BARE_INTERVAL_SECONDS = 0.2;
/** Two top bits of a non-resolvable private address are zero. */
const PRIVATE_MASK = 0x3f;
/** What some controllers answer when something is switched off that is off. */
const DISALLOWED = 0x0c;

export interface HciRadioOptions {
  /** Writes a packet to the controller. */
  send(packet: Uint8Array): void;
  clock: Pick<Clock, 'after'>;
  random: Random;
  /** dB, as ports.ts has them. */
  txGain: number;
  rxGain: number;
  /** A counter is admitted without a press, as long as this runs. */
  isDocked: boolean;
  /** Told in English, for an operator, what the controller did not do. */
  onTrouble: (what: string) => void;
}

export interface HciRadio extends Pick<HciListener, 'answered' | 'reported' | 'connected' | 'disconnected'> {
  readonly radio: Radio;
  /** Somebody pressed, or a signed update restarts the token: a counter may connect for 60 s. */
  admit(): void;
  /** The counter calls this token by a colour (a COLOUR_ number) as long as it is admitted. */
  name(colour: number): void;
  /** The controller has come up, and knows nothing. */
  up(): void;
  /** The controller is gone. */
  down(): void;
  /** Ends advertising and scanning; `done` is called when the controller has. */
  close(done: () => void): void;
}

interface Advert {
  payload: Uint8Array;
  address: Uint8Array;
  intervalSeconds: number;
}

interface Window {
  seconds: number;
  heard: (payload: Uint8Array, rssi: number) => void;
}

interface Running {
  opcode: number;
  key: string;
  /** Something else changed meanwhile what this command is about. */
  isDoubtful: boolean;
  cancel: () => void;
}

const nothing = (): void => {};

function keyOf(command: Command): string {
  return Buffer.from(command.parameters).toString('hex');
}

const ADVERTISING_OFF = setAdvertisingEnable(false);
const ADVERTISING_ON = setAdvertisingEnable(true);
const SCAN_OFF = setScanEnable(false);
const SCAN_ON = setScanEnable(true);

function isSwitchingOff(opcode: number, key: string): boolean {
  if (opcode === SET_ADVERTISING_ENABLE) return key === keyOf(ADVERTISING_OFF);
  return opcode === SET_SCAN_ENABLE && key === keyOf(SCAN_OFF);
}

export function createHciRadio(options: HciRadioOptions): HciRadio {
  const { clock, random, isDocked, onTrouble } = options;
  let said: Advert | undefined;
  /** From `silence` until no gap between two identifiers can last any longer. */
  let isGap = false;
  let isPressed = false;
  let isClosed = false;
  let colour: number | undefined;
  let bareAddress = privateAddress();
  let windows: Window[] = [];
  let connection: number | undefined;
  let cancelGap = nothing;
  let cancelAdmission = nothing;

  let isUp = false;
  /** What the controller has: the parameters that it accepted last, by opcode; none where that is not known. */
  const accepted = new Map<number, string>();
  let running: Running | undefined;
  /** A command got no answer: a late one must not be taken for another's. */
  let isOutOfStep = false;
  let cancelRetry = nothing;
  /** What was told since the controller last had all that was wanted. */
  const told = new Set<string>();
  let onIdle = nothing;

  function privateAddress(): Uint8Array {
    const address = new Uint8Array(ADDRESS_LENGTH);
    random.fill(address);
    address[0] = (address[0] as number) & PRIVATE_MASK;
    return address;
  }

  const isAdmitting = (): boolean => (isPressed || isDocked) && connection === undefined && !isClosed;

  /** What is to be advertised now. */
  function wantedAdvert(): Advert | undefined {
    if (isClosed) return undefined;
    if (said) return said;
    if (!isAdmitting() || isGap) return undefined;
    return { payload: BARE_ADVERT, address: bareAddress, intervalSeconds: BARE_INTERVAL_SECONDS };
  }

  const has = (command: Command): boolean => accepted.get(command.opcode) === keyOf(command);

  function nextForAdvert(advert: Advert | undefined): Command | undefined {
    if (!advert) return has(ADVERTISING_OFF) ? undefined : ADVERTISING_OFF;
    const type = isAdmitting() ? ADV_IND : ADV_NONCONN_IND;
    const address = setRandomAddress(advert.address);
    const parameters = setAdvertisingParameters(type, advert.intervalSeconds);
    if (!(has(address) && has(parameters)) && !has(ADVERTISING_OFF)) return ADVERTISING_OFF;
    if (!has(address) && !has(SCAN_OFF)) return SCAN_OFF;
    const settings = [address, parameters, setAdvertisingData(advert.payload)];
    if (type === ADV_IND) settings.push(setScanResponse(scanResponse(colour)));
    return [...settings, ADVERTISING_ON].find((command) => !has(command));
  }

  function nextForScan(): Command | undefined {
    const [window] = windows;
    if (!window) return has(SCAN_OFF) ? undefined : SCAN_OFF;
    const parameters = setScanParameters(window.seconds);
    if (!has(parameters) && !has(SCAN_OFF)) return SCAN_OFF;
    return [parameters, SCAN_ON].find((command) => !has(command));
  }

  function next(): Command | undefined {
    return isOutOfStep ? readAdvertisingPower() : (nextForAdvert(wantedAdvert()) ?? nextForScan());
  }

  function tell(what: string): void {
    if (!told.has(what)) onTrouble(what);
    told.add(what);
  }

  /** Sends what is next, unless an answer is waited for. */
  function proceed(): void {
    if (!isUp || running) return;
    const command = next();
    if (!command) {
      told.clear();
      onIdle();
      return;
    }
    cancelRetry();
    const cancel = clock.after(ANSWER_SECONDS, () => finished(NO_ANSWER));
    running = { opcode: command.opcode, key: keyOf(command), isDoubtful: false, cancel };
    options.send(commandPacket(command));
  }

  function finished(status: number): void {
    if (!running) return;
    const { opcode, key, isDoubtful, cancel } = running;
    running = undefined;
    cancel();
    const wasOutOfStep = isOutOfStep;
    isOutOfStep = status === NO_ANSWER;
    const isOff = status === DISALLOWED && isSwitchingOff(opcode, key);
    if (status === 0 || isOff || wasOutOfStep) {
      if (isDoubtful) accepted.delete(opcode);
      else accepted.set(opcode, key);
    } else {
      onTrouble(
        `HCI command 0x${opcode.toString(16)}: ${isOutOfStep ? 'no answer' : `status 0x${status.toString(16)}`}`,
      );
      // Either this command or what was believed to make it possible: everything is said again.
      accepted.clear();
      if (!isOutOfStep) {
        cancelRetry = clock.after(RETRY_SECONDS, proceed);
        return;
      }
    }
    proceed();
  }

  /** A connection stops a connectable advert; what is under way may be older or younger than that. */
  function doubtAdvertising(): void {
    accepted.delete(SET_ADVERTISING_ENABLE);
    if (running?.opcode === SET_ADVERTISING_ENABLE) running.isDoubtful = true;
  }

  function forgetController(): void {
    running?.cancel();
    running = undefined;
    cancelRetry();
    accepted.clear();
    isOutOfStep = false;
    connection = undefined;
  }

  const radio: Radio = {
    txGain: options.txGain,
    rxGain: options.rxGain,
    advertise(payload, address, intervalSeconds) {
      cancelGap();
      isGap = false;
      said = { payload: Uint8Array.from(payload), address: Uint8Array.from(address), intervalSeconds };
      proceed();
    },
    silence() {
      cancelGap();
      said = undefined;
      isGap = true;
      bareAddress = privateAddress();
      cancelGap = clock.after(GAP_SECONDS, () => {
        isGap = false;
        proceed();
      });
      proceed();
    },
    scan(windowSeconds, heard) {
      const window = { seconds: windowSeconds, heard };
      windows.push(window);
      clock.after(windowSeconds, () => {
        windows = windows.filter((other) => other !== window);
        proceed();
      });
      proceed();
    },
  };

  return {
    radio,
    admit() {
      cancelAdmission();
      isPressed = true;
      cancelAdmission = clock.after(ADMISSION_SECONDS, () => {
        isPressed = false;
        if (!isDocked) colour = undefined;
        bareAddress = privateAddress();
        proceed();
      });
      proceed();
    },
    name(given) {
      if (isPressed || isDocked) colour = given;
      proceed();
    },
    answered(opcode, status) {
      if (running?.opcode === opcode) finished(status);
    },
    reported(type, payload, rssi) {
      if (type !== ADV_IND && type !== ADV_SCAN_IND && type !== ADV_NONCONN_IND) return;
      for (const { heard } of windows) {
        try {
          heard(Uint8Array.from(payload), rssi);
        } catch (thrown) {
          tell(`an advert was not taken: ${thrown}`);
        }
      }
    },
    connected(handle) {
      connection = handle;
      doubtAdvertising();
      proceed();
    },
    disconnected(handle) {
      if (handle !== connection) return;
      connection = undefined;
      bareAddress = privateAddress();
      proceed();
    },
    up() {
      isUp = true;
      proceed();
    },
    down() {
      forgetController();
      isUp = false;
      onIdle();
    },
    close(done) {
      isClosed = true;
      windows = [];
      cancelGap();
      cancelAdmission();
      onIdle = () => {
        onIdle = nothing;
        cancelRetry();
        done();
      };
      if (isUp) proceed();
      else onIdle();
    },
  };
}
