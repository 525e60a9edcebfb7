/**
 * What a token that admits a counter says: in its scan response that it offers the Nordic UART Service, and the colour that
 * the counter knows it by; and where it says no HELLO, an advert that says nothing (docs/spec/link.md).
 *
 *   11 07 + the service's UUID, little endian (16) | 08 09 + "Galet 3", or "Galet -" without a colour          27 bytes
 */

/** 6e400001-b5a3-f393-e0a9-e50e24dcca9e, little endian. */
const NUS = [0x9e, 0xca, 0xdc, 0x24, 0x0e, 0xe5, 0xa9, 0xe0, 0x93, 0xf3, 0xa3, 0xb5, 0x01, 0x00, 0x40, 0x6e];
const AD_UUIDS_128 = 0x07;
const AD_NAME = 0x09;
const NO_COLOUR = '-';

export const DEVICE_NAME = 'Galet';

/** Flags alone: LE general discoverable, BR/EDR not supported. */
export const BARE_ADVERT = Uint8Array.of(0x02, 0x01, 0x06);

/** `colour`: a COLOUR_ number of link/messages.ts; undefined before the counter has given one. */
export function scanResponse(colour: number | undefined): Uint8Array {
  const name = Buffer.from(`${DEVICE_NAME} ${colour ?? NO_COLOUR}`, 'ascii');
  return Uint8Array.from([1 + NUS.length, AD_UUIDS_128, ...NUS, 1 + name.length, AD_NAME, ...name]);
}
