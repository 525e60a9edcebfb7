import { buildAdvert } from '../../device/robert/advert.js';
import { buildHello } from '../../device/robert/hello.js';
import { nodeDigest } from '../../host/crypto.js';
import type { Rig } from './fleet.js';

/** Gives the token one neighbour for so many seconds, with a new EBID each quarter of an hour. */
export async function company(r: Rig, seconds: number): Promise<void> {
  const end = r.timeline.now() + seconds;
  for (let t = r.timeline.now(); t < end; t += 12) {
    const hello = buildHello(nodeDigest, new Uint8Array(32), 0x21, new Uint8Array(8).fill(t / 900), t);
    r.radio.around = [{ payload: buildAdvert(hello, 0), rssi: -50 }];
    r.advanceTo(t);
  }
  r.radio.around = [];
}
