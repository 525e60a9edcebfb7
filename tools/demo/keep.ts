/** `--keep`: leaves everything as the demo made it, for a person to explore with the real commands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NtpClock } from '../../host/clock.js';
import type { Narrator } from './narrator.js';
import type { Told } from './story.js';

/** Saves every token as the flash file that `galet token run` takes, with its clock beside it; returns the files by name. */
function saveTokens(told: Told, folder: string, realNow: NtpClock): Map<string, string> {
  const files = new Map<string, string>();
  for (const { person, board, clock, token } of told.wearers) {
    token.stop();
    const plain = person.name.normalize('NFD').replace(/[^A-Za-z]/g, '');
    const file = join(folder, `${plain.toLowerCase()}.flash`);
    writeFileSync(file, board.flash.bytes);
    writeFileSync(`${file}.clock`, String(clock.rtc() - realNow()));
    files.set(person.name, file);
  }
  return files;
}

/** Saves the tokens, sets the servers' clock going with real time, and says how to explore. */
export async function keep(told: Told, folder: string, tell: Narrator, realNow: NtpClock): Promise<void> {
  const { servers, timeline, outcome } = told;
  timeline.advance(realNow());
  const files = saveTokens(told, folder, realNow);
  timeline.live(() => undefined);
  const code = await servers.issueCode();
  const warned = outcome.lines.find((line) => line.warned) ?? outcome.lines[0];
  const name = warned?.name ?? '';
  const flash = files.get(name) ?? '';
  const state = tell.sentence(warned?.warned === true ? 'stateWarned' : 'stateWell');
  tell.line('');
  tell.line(tell.sentence('keeping', { folder }));
  const commands: [string, string][] = [
    [`npx galet token run --flash ${flash}`, tell.sentence('keepToken', { name, state })],
    [`npx galet token show PORT`, tell.sentence('keepShow')],
    [`npx galet sync PORT --kiosk ${servers.kioskUrl}`, tell.sentence('keepVisit')],
    [`npx galet report PORT --code ${code} --kiosk ${servers.kioskUrl}`, tell.sentence('keepReport')],
    [`${servers.kioskUrl}/`, tell.sentence('keepPage')],
    [`node dist/tools/attack/dump.js ${flash}`, tell.sentence('keepAttack')],
  ];
  for (const [command, meaning] of commands) tell.line(`  ${command}\n      ${meaning}`);
}
