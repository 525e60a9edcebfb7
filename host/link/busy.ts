/** Opening what another program may just have let go of. */
import { setTimeout } from 'node:timers/promises';
import { GaletError } from '../errors.js';

/** A port just closed stays locked for the moment that the system takes to end a read on it; two seconds are nothing to a person. */
const TRIES = 20;
const PAUSE_MILLISECONDS = 100;

/** What `open` gives, tried again a few times while it throws 'port-busy'. */
export async function oncePatient<T>(open: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      const isBusy = error instanceof GaletError && error.code === 'port-busy';
      if (!isBusy || tries === TRIES) throw error;
      await setTimeout(PAUSE_MILLISECONDS);
    }
  }
}
