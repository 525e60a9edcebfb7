/** What a board does before any of its images runs: which one, and for how long on trial. Never erases anything. */
import type { Flash } from '../ports.js';
import { chooseSlot, isOnTrial, readSlot, type Slot, setFailed, slotRegion, spendTrial } from './slots.js';

export interface Selection {
  /** 0 or 1; -1 when there is no image to run. */
  slot: number;
  /** What the slot says of itself. */
  image: Slot | undefined;
  /** Whether `judge` is to be called after TRIAL_SECONDS. */
  isTrial: boolean;
}

/** The image to start now. One on trial loses one of its starts by this; one that has none left has failed. */
export function selectImage(flash: Flash): Selection {
  const slots = [readSlot(slotRegion(flash, 0)), readSlot(slotRegion(flash, 1))];
  for (let i = 0; i < 2; i++) {
    const slot = slots[i];
    if (slot && isOnTrial(slot) && slot.trials === 0) setFailed(slotRegion(flash, i));
  }
  const chosen = chooseSlot(slots);
  const image = slots[chosen];
  const isTrial = image !== undefined && isOnTrial(image);
  if (isTrial) spendTrial(slotRegion(flash, chosen));
  return { slot: chosen, image, isTrial };
}

/** At the end of a trial: true when the image has not confirmed itself. It has failed then, and the board must start again. */
export function judgeTrial(flash: Flash, slot: number): boolean {
  const image = readSlot(slotRegion(flash, slot));
  if (!image || !isOnTrial(image)) return false;
  setFailed(slotRegion(flash, slot));
  return true;
}
