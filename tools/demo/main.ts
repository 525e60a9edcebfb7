/** `npm run -s demo`: a care home's day, told and checked. Exit code 0 when all was as it should be, 1 otherwise, 2 for usage. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fill, languageOf } from '../../host/catalogue/catalogue.js';
import { demoSentences } from '../../host/catalogue/demo.js';
import { errorSentences } from '../../host/catalogue/errors.js';
import { systemClock } from '../../host/clock.js';
import { GaletError } from '../../host/errors.js';
import { failures } from './checks.js';
import { faultName, tellChecks, tellNext, tellOutcome } from './ending.js';
import { keep } from './keep.js';
import { Narrator } from './narrator.js';
import { type DemoOptions, optionsFrom } from './options.js';
import { jsonOf } from './outcome.js';
import type { Servers } from './servers.js';
import { Story } from './story.js';

const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG;

async function main(options: DemoOptions): Promise<number> {
  const { json, seed, planted, language } = options;
  // With --json the standard output is for the one object alone.
  const out = json ? process.stderr : process.stdout;
  const tell = new Narrator(language, (text) => out.write(text), out.isTTY === true);
  const began = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'galet-demo-'));
  let servers: Servers | undefined;
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve);
  });
  const isStopped = stopped.then(() => 'stopped' as const);

  tell.say('title', { seed });
  if (planted !== undefined) tell.say('planted', { fault: faultName(tell, planted) });
  try {
    const story = new Story(options, tell, systemClock);
    const told = await Promise.race([
      story.run(folder, (opened) => {
        servers = opened;
      }),
      isStopped,
    ]);
    if (told === 'stopped') return 130;
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
  } catch (error) {
    const code = error instanceof GaletError ? error.code : 'internal';
    const parameters = error instanceof GaletError ? error.parameters : {};
    tell.line(fill(errorSentences[code][language], parameters));
    if (code === 'internal') console.error(error);
    if (planted !== undefined) tell.say('unnoticed', { fault: faultName(tell, planted) });
    return 1;
  } finally {
    await servers?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const options = optionsFrom(process.argv.slice(2), locale, randomInt);
if (options === undefined) {
  console.error(demoSentences.usage[languageOf(locale)]);
  process.exitCode = 2;
} else {
  process.exit(await main(options));
}
