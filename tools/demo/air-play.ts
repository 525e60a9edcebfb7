/** Five tokens with real Bluetooth: told and checked. */
import { systemClock } from '../../host/clock.js';
import { whyNoAir } from '../air/btvirt.js';
import { AirStory, type Met } from './air-story.js';
import type { Narrator } from './narrator.js';
import type { DemoOptions } from './options.js';
import { type Play, STOPPED } from './play.js';

/** What `--json` prints. The RSSIs were simulated, and it says so. */
function jsonOf({ tokens, missed, falseWarned, linkBytes }: Met): Record<string, unknown> {
  return { air: 'ble', rssi: 'simulated', tokens, falseWarned: falseWarned.length, missed: missed.length, linkBytes };
}

export class AirPlay implements Play {
  private readonly story: AirStory;

  constructor(
    private readonly options: DemoOptions,
    private readonly tell: Narrator,
  ) {
    this.story = new AirStory(tell, systemClock);
  }

  async run(folder: string, stopped: Promise<void>): Promise<number> {
    const { tell } = this;
    const began = performance.now();
    const reason = whyNoAir();
    if (reason !== undefined) {
      tell.say('airAbsent', { reason });
      return 1;
    }
    tell.say('airTitle');
    const met = await Promise.race([this.story.run(folder), stopped]);
    if (met === undefined) return STOPPED;
    this.tellMet(met, (performance.now() - began) / 1000);
    if (this.options.json) console.log(JSON.stringify(jsonOf(met)));
    return met.missed.length + met.falseWarned.length === 0 ? 0 : 1;
  }

  private tellMet({ tokens, missed, falseWarned, linkBytes }: Met, seconds: number): void {
    const { tell } = this;
    for (const { name, near, positive, warned } of tokens) {
      if (positive) continue;
      const where = tell.sentence(near ? 'airHere' : 'airThere');
      const outcome = tell.sentence(warned ? 'airWarned' : 'airSpared');
      tell.line(`  ${tell.sentence('airToken', { name, where, outcome })}`);
    }
    tell.say('airEffort', { bytes: linkBytes, seconds: Math.round(seconds) });
    const checks = [
      { names: missed, sentence: 'checkMissed' },
      { names: falseWarned, sentence: 'checkFalse' },
    ] as const;
    for (const { names, sentence } of checks) {
      if (names.length === 0) continue;
      tell.line(tell.sentence('checkFailed', { what: tell.sentence(sentence, { names: names.join(', ') }) }));
    }
    if (missed.length + falseWarned.length === 0) tell.line(tell.sentence('allWell'));
  }

  close(): Promise<void> {
    return this.story.close();
  }
}
