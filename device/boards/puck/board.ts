/**
 * The board as the small token sees it: functions, because objects of them cost memory. This file takes them from ports, for
 * the simulated board; the firmware's build puts hardware.ts in its place.
 */
import { FRAME_MAX } from '../../link/frame.js';
import { encodeLine, lineReader } from '../../link/lines.js';
import type { Digest, Ports, Random } from '../../ports.js';

/** The ports of device/ports.ts, but for signals, which are numbers here (signals.ts). */
export interface SmallPorts extends Omit<Ports, 'signals'> {
  show(signal: number): void;
}

let ports: SmallPorts;

/** Says which board it is; first of all. */
export function useBoard(boardPorts: SmallPorts): void {
  ports = boardPorts;
}

export const TX_GAIN = 0;
export const RX_GAIN = 0;
export const digest: Digest = { sha256: (data) => ports.digest.sha256(data) };
export const random: Random = { fill: (out) => ports.random.fill(out) };
export const monotonic = (): number => ports.clock.monotonic();
export const rtc = (): number => ports.clock.rtc();
export const setRtc = (ntp: number): void => ports.clock.setRtc(ntp);
export const after = (seconds: number, callback: () => void): (() => void) => ports.clock.after(seconds, callback);
export const erasePage = (page: number): void => ports.flash.erase(page);
export const writeFlash = (address: number, data: Uint8Array): void => ports.flash.write(address, data);
export const readFlash = (address: number, length: number): Uint8Array => ports.flash.read(address, length);
export const advertise = (payload: Uint8Array, address: Uint8Array, interval: number): void =>
  ports.radio.advertise(payload, address, interval);
export const silence = (): void => ports.radio.silence();
export const scan = (seconds: number, heard: (payload: Uint8Array, rssi: number) => void): void =>
  ports.radio.scan(seconds, heard);
export const light = (signal: number): void => ports.show(signal);
export const onPress = (listener: (seconds: number) => void): void => ports.button.onPress(listener);
export const percent = (): number => ports.battery.percent();
/** Frames travel as lines here, and as packets on the board. */
export const onFrame = (receive: (frame: Uint8Array) => void): void =>
  ports.link.onData(lineReader(FRAME_MAX, receive));
export const sendFrame = (frame: Uint8Array): void => ports.link.write(encodeLine(frame));
