/** A care home's day, simulated: told, checked, and kept for exploring if that is asked for. */
import { systemClock } from '../../host/clock.js';
import { failures } from './checks.js';
import { faultName, tellChecks, tellNext, tellOutcome } from './ending.js';
import { keep } from './keep.js';
import type { Narrator } from './narrator.js';
import type { DemoOptions } from './options.js';
import { jsonOf } from './outcome.js';
import { type Play, STOPPED } from './play.js';
import type { Servers } from './servers.js';
import { Story } from './story.js';

export class DayPlay implements Play {
  private servers: Servers | undefined;

  constructor(
    private readonly options: DemoOptions,
    private readonly tell: Narrator,
  ) {}

  async run(folder: string, stopped: Promise<void>): Promise<number> {
    const { options, tell } = this;
    const { json, seed, planted } = options;
    const began = performance.now();
    tell.say('title', { seed });
    if (planted !== undefined) tell.say('planted', { fault: faultName(tell, planted) });
    const story = new Story(options, tell, systemClock);
    const told = await Promise.race([
      story.run(folder, (opened) => {
        this.servers = opened;
      }),
      stopped,
    ]);
    if (told === undefined) return STOPPED;
    const found = failures(told.outcome, told.evidence);
    tellOutcome(tell, told.outcome, (performance.now() - began) / 1000);
    const isGood = tellChecks(tell, found, planted);
    if (json) console.log(JSON.stringify(jsonOf(told.outcome)));
    else tellNext(tell, seed);
    if (options.keep) {
      await keep(told, folder, tell, systemClock);
      await stopped;
    }
    return isGood ? 0 : 1;
  }

  async close(): Promise<void> {
    await this.servers?.close();
  }
}
