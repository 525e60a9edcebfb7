/**
 * What a visit with a report needs before it can begin, made in seconds of virtual time: a server that knows two
 * people, and the flash of a token whose wearer sat next to the other one for three quarters of an hour, just now.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../host/clock.js';
import { HOUR, World } from './world.js';

const EPOCH = 900;

export interface Template {
  /** Copied by every house; holds backend/ and the tokens' files. */
  folder: string;
  /** A code that was issued when the story began, if the authority says how long codes live. */
  expiredCode: string;
  remove(): void;
}

/** The token of the one who tests positive, and of the one who sat next to her. */
export const POSITIVE = 'positive.flash';
export const NEIGHBOUR = 'neighbour.flash';
/** A second pair who sat at another table. */
export const POSITIVE_2 = 'positive2.flash';
const NEIGHBOUR_2 = 'neighbour2.flash';
/** A token that is set up and has met nobody. */
export const LONER = 'loner.flash';
/** Epochs in which each pair was together. */
export const EPOCHS_TOGETHER = 4;

/** `ago`: seconds between the end of the story and now; `parameters` are the authority's. */
export async function makeTemplate(parameters: Record<string, unknown> = {}, ago = 0): Promise<Template> {
  const folder = mkdtempSync(join(tmpdir(), 'galet-template-'));
  const end = systemClock() - ago;
  // Together from the middle of one epoch to the middle of the fourth, which is over when the story ends.
  const start = end - (end % EPOCH) - 5 * EPOCH;
  const world = await World.open({ start, folder, parameters });
  let expiredCode: string;
  try {
    expiredCode = parameters.shortCodeMinutes === undefined ? '' : await world.issueCode();
    const [positive, neighbour] = [await world.wearer('positive'), await world.wearer('neighbour')];
    const [positive2, neighbour2] = [await world.wearer('positive 2'), await world.wearer('neighbour 2')];
    const loner = await world.wearer('loner');
    await world.advance(EPOCH / 2);
    for (const person of [positive2, neighbour2]) person.place = 'another table';
    await world.together([positive, neighbour], 3 * EPOCH);
    for (const person of [positive2, neighbour2]) person.place = '';
    await world.advance(end - world.now);
    world.save(positive, join(folder, POSITIVE), end + ago);
    world.save(neighbour, join(folder, NEIGHBOUR), end + ago);
    world.save(positive2, join(folder, POSITIVE_2), end + ago);
    world.save(neighbour2, join(folder, NEIGHBOUR_2), end + ago);
    world.save(loner, join(folder, LONER), end + ago);
    if (end - start > 2 * HOUR) throw new Error('the story is older than it should be');
  } finally {
    await world.close();
    rmSync(join(folder, 'kiosk'), { recursive: true, force: true });
  }
  writeFileSync(join(folder, 'backend', 'parameters.json'), JSON.stringify({ mixReports: 1, ...parameters }));
  return { folder, expiredCode, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
