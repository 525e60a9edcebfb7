/** Who asks to be served over the air, read from adverts that anybody may have sent. */
import { COLOUR_WHITE } from '../../../device/link/messages.js';

/** A token, or a board that is to become one, that accepts a connection now. */
export interface Asking {
  /** Its address, or what the system gives in its place: known to this process only, and never shown or kept. */
  readonly id: string;
  /** The strongest signal heard, in dBm; undefined when the adapter cannot tell. */
  readonly rssi: number | undefined;
  /** The COLOUR_ number (device/link/messages.ts) that it blinks; undefined when it blinks none. */
  readonly colour: number | undefined;
  /** `board`: an Espruino board that offers its console. */
  readonly kind: 'token' | 'board';
  /** Its local name, without anything that a terminal could take for a command. */
  readonly name: string;
}

/** What an advert and its scan response say together. */
export interface Sighting {
  id: string;
  /** dBm; 127 when the adapter cannot tell. */
  rssi: number;
  isConnectable: boolean;
  localName: string | undefined;
  /** 128-bit UUIDs without dashes, lower case. */
  services: readonly string[];
}

export const NUS_SERVICE = '6e400001b5a3f393e0a9e50e24dcca9e';
/** "Not available" (Core Specification, vol 4 part E, section 7.7.65.2). */
const RSSI_UNKNOWN = 127;
const NAME_MAX = 29;

const TOKEN_NAME = /^Galet ([0-9-])$/;
const BOARD_NAME = /^(?:Bangle\.js|Puck\.js|Pixl\.js|MDBT42Q?|Jolt\.js|Espruino)\b/;

/** `name` as it may be shown: printable ASCII, at most as long as an advert can carry. */
export function cleanName(name: string): string {
  return name
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, NAME_MAX);
}

function colourOf(digit: string | undefined): number | undefined {
  const colour = Number(digit);
  return colour <= COLOUR_WHITE ? colour : undefined;
}

/** Who that is; undefined when nobody that Galet could serve. */
export function askingFrom(sighting: Sighting): Asking | undefined {
  if (!sighting.isConnectable || !sighting.services.includes(NUS_SERVICE)) return undefined;
  const name = cleanName(sighting.localName ?? '');
  const token = TOKEN_NAME.exec(name);
  if (token === null && !BOARD_NAME.test(name)) return undefined;
  return {
    id: sighting.id,
    rssi: sighting.rssi === RSSI_UNKNOWN ? undefined : sighting.rssi,
    colour: colourOf(token?.[1]),
    kind: token === null ? 'board' : 'token',
    name,
  };
}

/** Nearest first; whose signal strength is unknown comes last, and then by id, so that the order is always the same. */
export function byDistance(a: Asking, b: Asking): number {
  const strength = (asking: Asking): number => asking.rssi ?? Number.NEGATIVE_INFINITY;
  if (strength(a) !== strength(b)) return strength(b) - strength(a);
  return a.id < b.id ? -1 : Number(a.id > b.id);
}
