/** A Linux token and its two pipes, over restarts into other images. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noAir } from '../../../device/boards/linux/air.js';
import { fileFlash } from '../../../device/boards/linux/flash.js';
import { type LinuxToken, startLinux } from '../../../device/boards/linux/start.js';
import { FRAME_MAX } from '../../../device/link/frame.js';
import { encodePacket, packetReader } from '../../../device/link/packets.js';
import type { BlePort } from '../../../device/ports.js';
import { beginSlot, FIRMWARE_PAGES, setReady, slotRegion } from '../../../device/update/slots.js';
import { versionNumber } from '../../../device/update/versions.js';
import { VERSION } from '../../../device/version.js';
import type { Carrier } from '../../../host/link/carrier.js';
import { TokenLink } from '../../../host/link/client.js';
import { cable } from '../../support/cable.js';

const NEXT = '0.9.0';
/**
 * An image that knows Bluetooth at its first start, and at later ones is as versions were that knew none. It says over each
 * pipe that it listens to which start that is, and asks for a restart when pressed.
 */
const FORGETFUL = `galetImage(function (ports) {
  var start = ++globalThis.forgetfulStarts;
  var say = function (pipe) { pipe.onData(function () { pipe.write(new Uint8Array([start])); }); };
  say(ports.link);
  if (start === 1) say(ports.ble);
  ports.button.onPress(function () { ports.firmware.restart(); });
  return { stop: function () {} };
}, '${NEXT}');`;

/** Bluetooth in memory: a pipe that loses nothing, with the counter at its other end. */
function inMemory(): { tokenEnd: BlePort; counterEnd: Carrier; connect(): void } {
  let toToken: (chunk: Uint8Array) => void = () => {};
  let begin = (): void => {};
  let toCounter: (chunk: Uint8Array) => void = () => {};
  const bytes = { sent: 0, received: 0 };
  return {
    tokenEnd: {
      onData(receive) {
        toToken = receive;
      },
      onConnect(listener) {
        begin = listener;
      },
      write: (chunk) => queueMicrotask(() => toCounter(chunk)),
    },
    counterEnd: {
      name: 'memory',
      bytes,
      listen(onFrame) {
        const reader = packetReader(onFrame);
        toCounter = reader.read;
      },
      send(frame) {
        expect(frame.length).toBeLessThanOrEqual(FRAME_MAX);
        queueMicrotask(() => toToken(encodePacket(frame)));
      },
      close: async () => {},
    },
    connect: () => begin(),
  };
}

let folder: string;
let token: LinuxToken | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'galet-start-'));
});
afterEach(() => {
  token?.close();
  token = undefined;
  rmSync(folder, { recursive: true });
});

/** Puts a script into slot 1, ready for its first start. */
function install(code: string): void {
  const flash = fileFlash(join(folder, 'token.flash.firmware'), FIRMWARE_PAGES);
  const pages = slotRegion(flash, 1);
  const part = new Uint8Array(flash.pageSize).fill(0xff);
  part.set(Buffer.from(code));
  const head = { version: versionNumber(NEXT), size: code.length, expires: 0, body: new Uint8Array(32) };
  beginSlot(pages, head, new Uint8Array(32));
  pages.erase(1);
  pages.write(1, 0, part);
  setReady(pages);
  flash.close();
}

describe('a Linux token with Bluetooth', () => {
  it('answers over either pipe, whichever spoke last', async () => {
    const wire = cable();
    const air = inMemory();
    token = startLinux({
      flashFile: join(folder, 'token.flash'),
      link: wire.tokenEnd,
      ble: air.tokenEnd,
      radio: noAir,
      onSignal: () => {},
    });
    air.connect();
    expect(await new TokenLink(air.counterEnd).ask('hello', {})).toMatchObject({ firmware: VERSION });
    expect(await new TokenLink(wire.counterEnd).ask('hello', {})).toMatchObject({ firmware: VERSION });
    expect(await new TokenLink(air.counterEnd).ask('hello', {})).toMatchObject({ firmware: VERSION });
  });

  it('blinks the colour that a counter gives, where it can blink', async () => {
    const wire = cable();
    const blinks: number[] = [];
    token = startLinux({
      flashFile: join(folder, 'token.flash'),
      link: wire.tokenEnd,
      radio: noAir,
      onSignal: () => {},
      onBlink: (colour) => blinks.push(colour),
    });
    await new TokenLink(wire.counterEnd).ask('blink', { colour: 4 });
    expect(blinks).toEqual([4]);
  });

  it('hears nothing over Bluetooth once an image runs that knows none, and is told of each restart', async () => {
    Object.assign(globalThis, { forgetfulStarts: 0 });
    install(FORGETFUL);
    const air = inMemory();
    const overAir: number[] = [];
    const overCable: number[] = [];
    let fromAir: (chunk: Uint8Array) => void = () => {};
    let fromCable: (chunk: Uint8Array) => void = () => {};
    let restarts = 0;
    token = startLinux({
      flashFile: join(folder, 'token.flash'),
      link: {
        onData(receive) {
          fromCable = receive;
        },
        write: (chunk) => overCable.push(...chunk),
      },
      ble: {
        ...air.tokenEnd,
        onData(receive) {
          fromAir = receive;
          air.tokenEnd.onData(receive);
        },
        write(chunk) {
          overAir.push(...chunk);
          air.tokenEnd.write(chunk);
        },
      },
      radio: noAir,
      onSignal: () => {},
      onRestart: () => {
        restarts += 1;
      },
    });

    const speak = (): void => {
      fromAir(Uint8Array.of(0));
      fromCable(Uint8Array.of(0));
    };
    speak();
    token.press(1);
    speak();
    expect([overAir, overCable, restarts]).toEqual([[1], [1, 2], 1]);
    // It has not confirmed itself in three starts: the token runs what it was installed with, and hears Bluetooth again.
    token.press(1);
    token.press(1);
    expect(restarts).toBe(3);
    await Promise.resolve(); // what the image said is gone
    air.connect();
    expect(await new TokenLink(air.counterEnd).ask('hello', {})).toMatchObject({ firmware: VERSION });
  });
});
