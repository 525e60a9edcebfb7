/** The authority of a house of real processes: three release keys, and a folder that the server publishes. */
import { join, resolve } from 'node:path';
import { renderSigned, type SignedObject } from '../../host/release/objects.js';
import { linuxImage } from '../../tools/firmware/linux.js';
import { write } from '../backend/published.js';
import { configuration, release, root } from '../support/release-keys.js';
import type { House } from './house.js';

/** The version that is published first, and one after it whose image throws. */
export const NEXT = '0.9.0';
const BROKEN = '0.9.1';
const ROOT = resolve(import.meta.dirname, '../..');
const BOARD = 'linux';

let built: Promise<string> | undefined;

/** The image of a Linux token that calls itself NEXT. */
export function nextImage(): Promise<string> {
  built ??= linuxImage(ROOT, { 'device/version.js': `export var VERSION = '${NEXT}';` });
  return built;
}

export class Authority {
  private constructor(
    private readonly folder: string,
    private readonly gatewayKey: Uint8Array,
  ) {}

  /** Publishes keys and configuration. The house's server must be up. */
  static async of(house: House): Promise<Authority> {
    const response = await fetch(`${house.backendUrl}/galet/v1/parameters`);
    const { gatewayKey } = (await response.json()) as { gatewayKey: string };
    const authority = new Authority(
      join(house.folder, 'backend', 'releases'),
      new Uint8Array(Buffer.from(gatewayKey, 'base64')),
    );
    authority.publish('roots/1.json', root());
    authority.publish('configuration.json', configuration({ gatewayKey: authority.gatewayKey }));
    return authority;
  }

  private publish(path: string, object: SignedObject): void {
    write(this.folder, path, renderSigned(object));
  }

  /** The image of a Linux token that calls itself NEXT. */
  async release(): Promise<void> {
    this.put(NEXT, await nextImage());
  }

  breakRelease(): void {
    this.put(BROKEN, 'throw new Error("broken")');
  }

  private put(version: string, code: string): void {
    const { object, image } = release({ version, board: BOARD, image: new Uint8Array(Buffer.from(code)) });
    write(this.folder, `${BOARD}/galet.js`, image);
    this.publish(`${BOARD}/release.json`, object);
  }

  /** Signs a configuration with another gateway's key. */
  moveGateway(): void {
    const gatewayKey = new Uint8Array(this.gatewayKey).reverse();
    this.publish('configuration.json', configuration({ gatewayKey, version: 2 }));
  }
}
