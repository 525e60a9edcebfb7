/**
 * The part of HCI (Bluetooth Core Specification, vol 4 part E) that a token speaks to its Bluetooth adapter: commands for
 * legacy advertising and passive scanning, and what comes back. Packets are those of a UART (part A, section 2):
 *
 *   command: 01 | opcode u16 | length u8 | parameters          event: 04 | code u8 | length u8 | parameters
 *
 * What comes back holds bytes from the air: every length is checked, and nothing here throws.
 */

/** Legacy advertising data. */
const ADVERT_MAX = 31;
export const ADDRESS_LENGTH = 6;
/** Of a command that got no answer in time; the specification uses no such status. */
export const NO_ANSWER = 0xff;

const SET_RANDOM_ADDRESS = 0x2005;
const SET_ADVERTISING_PARAMETERS = 0x2006;
/** Changes nothing: its answer says that all earlier commands were answered, or never will be. */
const READ_ADVERTISING_POWER = 0x2007;
const SET_ADVERTISING_DATA = 0x2008;
const SET_SCAN_RESPONSE = 0x2009;
export const SET_ADVERTISING_ENABLE = 0x200a;
const SET_SCAN_PARAMETERS = 0x200b;
export const SET_SCAN_ENABLE = 0x200c;
const REFUSE_KEY = 0x201b;

/** Advertising types (section 7.8.5). */
export const ADV_IND = 0;
export const ADV_SCAN_IND = 2;
export const ADV_NONCONN_IND = 3;

const COMMAND = 1;
const ACL_DATA = 2;
const EVENT = 4;
const DISCONNECTED = 0x05;
const COMMAND_COMPLETE = 0x0e;
const COMMAND_STATUS = 0x0f;
const LE_META = 0x3e;
const LE_CONNECTED = 0x01;
const LE_REPORT = 0x02;
const LE_KEY_REQUEST = 0x05;
const ROLE_PERIPHERAL = 1;

/** Own address type of advertising: the random one that was set. */
const RANDOM = 1;
const ALL_CHANNELS = 7;
/** Advertising intervals and scan windows are in these. */
const UNIT_SECONDS = 0.000625;
/** 100 ms, the least for ADV_NONCONN_IND before Bluetooth 5; 10.24 s. */
const INTERVAL_MIN = 0xa0;
const INTERVAL_MAX = 0x4000;
/** 2.5 ms. */
const WINDOW_MIN = 0x04;

/** A command before it is sent. */
export interface Command {
  /** Group and command, as `OGF << 10 | OCF`. */
  opcode: number;
  parameters: Uint8Array;
}

function units(seconds: number, least: number): number {
  return Math.min(INTERVAL_MAX, Math.max(least, Math.round(seconds / UNIT_SECONDS)));
}

function dataOf(data: Uint8Array): Uint8Array {
  const parameters = new Uint8Array(1 + ADVERT_MAX);
  parameters[0] = data.length;
  parameters.set(data, 1);
  return parameters;
}

/** `address`: 6 bytes, most significant first. Refused while the controller advertises or scans. */
export function setRandomAddress(address: Uint8Array): Command {
  return { opcode: SET_RANDOM_ADDRESS, parameters: new Uint8Array(address).reverse() };
}

/** Refused while the controller advertises. `type`: ADV_IND or ADV_NONCONN_IND. */
export function setAdvertisingParameters(type: number, intervalSeconds: number): Command {
  const interval = units(intervalSeconds, INTERVAL_MIN);
  const [low, high] = [interval & 0xff, interval >> 8];
  const peer = new Array(1 + ADDRESS_LENGTH).fill(0);
  const parameters = Uint8Array.from([low, high, low, high, type, RANDOM, ...peer, ALL_CHANNELS, 0]);
  return { opcode: SET_ADVERTISING_PARAMETERS, parameters };
}

/** `data`: at most 31 bytes. */
export function setAdvertisingData(data: Uint8Array): Command {
  return { opcode: SET_ADVERTISING_DATA, parameters: dataOf(data) };
}

/** `data`: at most 31 bytes. */
export function setScanResponse(data: Uint8Array): Command {
  return { opcode: SET_SCAN_RESPONSE, parameters: dataOf(data) };
}

export function setAdvertisingEnable(isOn: boolean): Command {
  return { opcode: SET_ADVERTISING_ENABLE, parameters: Uint8Array.of(isOn ? 1 : 0) };
}

/** Passive, without a pause, over all of the window. Refused while the controller scans. */
export function setScanParameters(windowSeconds: number): Command {
  const window = units(windowSeconds, WINDOW_MIN);
  const [low, high] = [window & 0xff, window >> 8];
  return { opcode: SET_SCAN_PARAMETERS, parameters: Uint8Array.of(0, low, high, low, high, 0, 0) };
}

/** Duplicates are reported: each tells how near its sender is. */
export function setScanEnable(isOn: boolean): Command {
  return { opcode: SET_SCAN_ENABLE, parameters: Uint8Array.of(isOn ? 1 : 0, 0) };
}

export function readAdvertisingPower(): Command {
  return { opcode: READ_ADVERTISING_POWER, parameters: new Uint8Array(0) };
}

/** No to a peer that wants to encrypt: there is no pairing, so there is no key. */
export function refuseKey(handle: number): Command {
  return { opcode: REFUSE_KEY, parameters: Uint8Array.of(handle & 0xff, handle >> 8) };
}

/** The packet of a command. */
export function commandPacket({ opcode, parameters }: Command): Uint8Array {
  const packet = new Uint8Array(4 + parameters.length);
  packet.set([COMMAND, opcode & 0xff, opcode >> 8, parameters.length]);
  packet.set(parameters, 4);
  return packet;
}

/** What a controller tells, as far as a token cares. */
export interface HciListener {
  /** A command was taken (`status` 0) or refused. */
  answered(opcode: number, status: number): void;
  /** An advert was heard: its type, at most 31 bytes (valid during the call only), dBm (127: not available). */
  reported(type: number, payload: Uint8Array, rssi: number): void;
  /** Somebody connected to this adapter's advert. */
  connected(handle: number): void;
  disconnected(handle: number): void;
  /** The peer wants to encrypt the connection. */
  keyWanted(handle: number): void;
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/** Reports follow each other: type | address type | address (6) | length | data | RSSI (section 7.7.65.2). */
function readReports(body: Uint8Array, listener: HciListener): void {
  const count = body[1] as number;
  let at = 2;
  for (let report = 0; report < count; report++) {
    const length = body[at + 8] as number;
    const data = at + 9;
    if (!(length <= ADVERT_MAX) || data + length >= body.length) return;
    const type = body[at] as number;
    const rssi = body[data + length] as number;
    listener.reported(type, body.subarray(data, data + length), rssi < 128 ? rssi : rssi - 256);
    at = data + length + 1;
  }
}

function readMeta(body: Uint8Array, listener: HciListener): void {
  const kind = body[0];
  if (kind === LE_REPORT && body.length > 2) readReports(body, listener);
  else if (kind === LE_CONNECTED && body.length >= 5 && body[1] === 0 && body[4] === ROLE_PERIPHERAL) {
    listener.connected(u16(body, 2));
  } else if (kind === LE_KEY_REQUEST && body.length >= 3) listener.keyWanted(u16(body, 1));
}

/** Reads one packet of any kind; what is malformed or of no interest tells nothing. */
export function readPacket(packet: Uint8Array, listener: HciListener): void {
  if (packet[0] !== EVENT || packet.length < 3) return;
  const code = packet[1];
  const body = packet.subarray(3, 3 + (packet[2] as number));
  if (code === LE_META) readMeta(body, listener);
  else if (code === COMMAND_COMPLETE && body.length >= 4) listener.answered(u16(body, 1), body[3] as number);
  else if (code === COMMAND_STATUS && body.length >= 4) listener.answered(u16(body, 2), body[0] as number);
  else if (code === DISCONNECTED && body.length >= 3 && body[0] === 0) listener.disconnected(u16(body, 1));
}

/**
 * Whether a packet can be handed to code that trusts what it is told: it is as long as it says, and a connection that it
 * announces was made, to this adapter's advert.
 */
export function isSound(packet: Uint8Array): boolean {
  if (packet[0] === ACL_DATA) return packet.length >= 5 && packet.length === 5 + u16(packet, 3);
  if (packet[0] !== EVENT || packet.length < 3 || packet.length !== 3 + (packet[2] as number)) return false;
  if (packet[1] !== LE_META || packet[3] !== LE_CONNECTED) return true;
  return packet[4] === 0 && packet[7] === ROLE_PERIPHERAL;
}
