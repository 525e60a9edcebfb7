/** The flash of a token that was set up some time ago and has its own ticket and keys: making them takes minutes. */
import { unixOfNtp } from '../../../device/robert/time.js';
import { type Emission, provision, type SteppedToken, steppedTwin } from './stepped.js';

/** Seconds. */
const SETTLING = 3600;

/** Lets a token live, as fast as it can. */
export async function live(token: SteppedToken, milliseconds: number): Promise<Emission[]> {
  let { next } = await token.step(0, []);
  for (let now = 0; now < milliseconds; ) {
    now = next < 0 || next > milliseconds ? milliseconds : Math.max(now, next);
    ({ next } = await token.step(now, []));
  }
  return token.emissions;
}

/** Its pages as they are at `ntp` seconds. */
export async function settledPages(ntp: number): Promise<Uint8Array> {
  const twin = steppedTwin(1, unixOfNtp(ntp) - SETTLING);
  await twin.step(0, []);
  await provision(twin, ntp - SETTLING);
  await live(twin, SETTLING * 1000);
  await twin.close();
  return twin.pages();
}
