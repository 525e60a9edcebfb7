/**
 * Installation over Bluetooth: the console of a real interpreter behind the Nordic UART Service of a board in an emulated air.
 * `ESPRUINO` names the interpreter.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../device/version.js';
import { type BytePipe, openBytes } from '../../host/link/serial.js';
import { renderSigned } from '../../host/release/objects.js';
import { plugAdapter } from '../../tools/air/adapter.js';
import { type EmulatedAir, startAir, whyNoAir } from '../../tools/air/btvirt.js';
import { buildFirmware } from '../../tools/firmware/build.js';
import { storageImage } from '../../tools/firmware/image.js';
import { write } from '../backend/published.js';
import { House } from '../e2e/house.js';
import { until } from '../e2e/process.js';
import { ROOT } from '../firmware/support.js';
import { field, type Peripheral, startPeripheral } from '../host/link/ble/peripheral.js';
import { release, root } from '../support/release-keys.js';
import { type BareBoard, startBareBoard } from './support/bare-board.js';
import { STORAGE_BYTES } from './support/board.js';
import { ESPRUINO } from './support/interpreter.js';

const missing = whyNoAir();
if (missing) console.log(`skipped: ${missing}`);

const IMAGE = new Uint8Array(Buffer.from(`USB.write('THE IMAGE RUNS\\n');//${'.'.repeat(5000)}`, 'latin1'));
/** The Nordic UART Service, as Espruino has it in its scan response. */
const NUS = Buffer.from('6e400001b5a3f393e0a9e50e24dcca9e', 'hex').reverse();
/** What a notification holds at the smallest MTU. */
const PACKET = 20;

describe.skipIf(missing || ESPRUINO === undefined)('installing over Bluetooth', () => {
  const folder = mkdtempSync(join(tmpdir(), 'galet-install-air-'));
  let air: EmulatedAir;
  let house: House;
  let board: BareBoard;
  let console: BytePipe;
  let peripheral: Peripheral;

  beforeAll(async () => {
    const scripts = await buildFirmware(ROOT, 'bangle2');
    mkdirSync(join(folder, 'bangle2'));
    writeFileSync(join(folder, 'bangle2/selector.js'), scripts.selector ?? '', 'latin1');
    writeFileSync(join(folder, 'bangle2/installer.js'), scripts.installer ?? '', 'latin1');
    write(folder, 'releases/roots/1.json', renderSigned(root()));
    const made = release({ version: VERSION, board: 'bangle2', image: IMAGE });
    write(folder, 'releases/bangle2/galet.js', made.image);
    write(folder, 'releases/bangle2/release.json', renderSigned(made.object));
    air = await startAir();
    house = await House.open();
    board = startBareBoard(ESPRUINO as string, storageImage(STORAGE_BYTES, {}));
    console = await openBytes(board.path);
    peripheral = await startPeripheral(air, {
      advert: Buffer.concat([field(0x01, Uint8Array.of(6)), field(0x09, Buffer.from('Bangle.js 0ead', 'latin1'))]),
      response: field(0x07, NUS),
    });
    peripheral.ble.onData((chunk) => console.write(chunk));
    console.listen(
      (bytes) => {
        if (!peripheral.isConnected) return;
        for (let at = 0; at < bytes.length; at += PACKET) peripheral.ble.write(bytes.subarray(at, at + PACKET));
      },
      () => {},
    );
  }, 120_000);
  afterAll(async () => {
    await house?.close();
    await console?.close();
    await board?.close();
    peripheral?.close();
    await air?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('names the board, uploads through its console, and finds the token that it has become', async () => {
    const adapter = await plugAdapter(air);
    const others = await plugAdapter(air);
    const installing = house.start([
      ...['firmware', 'install', '--ble', '--adapter', adapter.path, '--no-provision'],
      ...['--board', 'bangle2', '--build', folder, '--releases', join(folder, 'releases')],
    ]);
    await until('the board to have been written', () => installing.said.includes('the board becomes a token'), 120_000);
    await until('its console to be left', () => !peripheral.isConnected, 30_000);
    expect(Buffer.from(board.image()).includes(Buffer.from(IMAGE))).toBe(true);
    // The interpreter's build for Linux has no radio: from here on a token process stands in for the board.
    peripheral.silence();
    const token = await house.startToken(house.file('token.flash'), { ble: others.path });
    token.galet.type('press 1');
    const { code, stdout, stderr } = await installing.ended;
    expect(stderr).toContain('The nearest board is Bangle.js 0ead (signal: unknown).\n');
    expect(stderr).toContain('This is the token that blinks blue (signal: unknown).\n');
    expect(JSON.parse(stdout)).toMatchObject({ installed: true, life: 'blank', firmware: VERSION });
    expect(code).toBe(0);
    adapter.close();
    others.close();
  }, 240_000);
});
