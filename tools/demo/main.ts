/** `npm run -s demo`: a story told and checked. Exit code 0 when all was as it should be, 1 otherwise, 2 for usage. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fill, languageOf } from '../../host/catalogue/catalogue.js';
import { demoSentences } from '../../host/catalogue/demo.js';
import { errorSentences } from '../../host/catalogue/errors.js';
import { GaletError } from '../../host/errors.js';
import { AirPlay } from './air-play.js';
import { DayPlay } from './day-play.js';
import { faultName } from './ending.js';
import { Narrator } from './narrator.js';
import { type DemoOptions, optionsFrom } from './options.js';

const locale = process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG;

async function main(options: DemoOptions): Promise<number> {
  const { json, planted, language } = options;
  // With --json the standard output is for the one object alone.
  const out = json ? process.stderr : process.stdout;
  const tell = new Narrator(language, (text) => out.write(text), out.isTTY === true);
  const folder = mkdtempSync(join(tmpdir(), 'galet-demo-'));
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const play = options.isOnAir ? new AirPlay(options, tell) : new DayPlay(options, tell);
  try {
    return await play.run(folder, stopped);
  } catch (error) {
    const code = error instanceof GaletError ? error.code : 'internal';
    const parameters = error instanceof GaletError ? error.parameters : {};
    tell.line(fill(errorSentences[code][language], parameters));
    if (code === 'internal') console.error(error);
    if (planted !== undefined) tell.say('unnoticed', { fault: faultName(tell, planted) });
    return 1;
  } finally {
    await play.close();
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
