/** The report page of a run: one file, nothing to load, nothing to run, for people who ask what was shown. */
import { CURRENTS } from '../../power/currents.js';
import { monteCarlo } from '../../power/detection.js';
import { OURS } from '../../power/ours.js';
import { Stream } from '../random.js';
import type { PersonRecord, RunRecord } from '../record.js';
import type { Collected } from './collect.js';
import { bars, curve, escaped, matrix } from './plots.js';
import { type Language, WORDS, type Words } from './words.js';

export interface Shown {
  record: RunRecord;
  /** Faults that happened, and how often. */
  faults: Partial<Record<string, number>>;
  held: readonly { property: string; says: string }[];
  /** The command that lives the run again. */
  replay: string;
  collected: Collected;
}

const LOSS = 0.5;
const TRIALS = 2000;
const MINUTES = [0.25, 0.5, 1, 1.5, 2, 3, 4, 5];
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
/** HELLOs are built anew four times a minute; between two of them the radio repeats the advert by itself. */
const HELLO_SECONDS = 15;
const STYLE = `body{font:17px/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:46rem;margin:0 auto;padding:1rem}
h1,h2{color:#12344d}table{border-collapse:collapse;margin:.5rem 0}th,td{border:1px solid #5a6b78;padding:.2rem .6rem;text-align:left}
svg{width:100%;height:auto}code{overflow-wrap:anywhere}details{margin:.5rem 0}summary{min-height:44px;cursor:pointer}`;

function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const head = heads.map((name) => `<th scope="col">${escaped(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${escaped(String(cell))}</td>`).join('')}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

function section(title: string, says: string, ...parts: string[]): string {
  return `<section><h2>${escaped(title)}</h2><p>${escaped(says)}</p>${parts.join('')}</section>`;
}

/** A long table that a reader opens when she wants it. */
function folded(title: string, content: string): string {
  return `<details><summary>${escaped(title)}</summary>${content}</details>`;
}

function detection(words: Words, seed: number): string {
  const points = MINUTES.map((minutes): [number, number] => {
    const random = new Stream(seed, `detection after ${minutes}`);
    return [minutes, monteCarlo(random, OURS, 1 - LOSS, minutes * MINUTE, TRIALS)];
  });
  const rows = points.map(([minutes, share]) => [minutes, `${(100 * share).toFixed(1)} %`]);
  return section(
    words.detection,
    words.detectionSays,
    curve(words.detection, points),
    table([words.minutes, words.noticed], rows),
  );
}

/** Milliampere-hours a day by what the radio did. */
function chargeADay({ windows, hellos }: Pick<PersonRecord, 'windows' | 'hellos'>, seconds: number): number {
  const { eventMicrocoulombs, receiveMilliamperes } = CURRENTS.espruino;
  const heard = windows * OURS.window * receiveMilliamperes;
  const said = ((hellos * HELLO_SECONDS) / OURS.advertising) * (eventMicrocoulombs / 1000);
  return (((heard + said) / HOUR) * DAY) / seconds;
}

function battery(words: Words, { people, virtualSeconds }: RunRecord): string {
  const values = people.map((person): [string, number] => [person.name, chargeADay(person, virtualSeconds)]);
  const rows = values.map(([name, value]) => [name, value.toFixed(2)]);
  return section(
    words.battery,
    words.batterySays,
    bars(words.battery, values),
    folded(words.battery, table([words.wearer, words.perDay], rows)),
  );
}

function storage(words: Words, { batchesByDay }: Collected): string {
  const values = batchesByDay.map((count, day): [string, number] => [String(day + 1), count]);
  return section(
    words.storage,
    words.storageSays,
    bars(words.storage, values),
    table([words.day, words.batches], values),
  );
}

function warnings(words: Words, { people }: RunRecord, collected: Collected): string {
  const first = Math.min(...collected.reports.map(({ at }) => at));
  const toldAt = new Map(collected.warnings.map(({ who, at }) => [who, at]));
  const rows = people.map(({ name, score, verdict, isWarned }) => {
    const at = toldAt.get(name);
    const hours = at === undefined || !Number.isFinite(first) ? '' : ((at - first) / HOUR).toFixed(1);
    return [name, score.toFixed(1), words[verdict], isWarned ? words.yes : words.no, hours];
  });
  const heads = [words.wearer, words.score, words.verdict, words.told, words.after];
  return section(words.warnings, words.warningsSays, table(heads, rows));
}

function met(words: Words, { people }: RunRecord, { heard }: Collected): string {
  const names = people.map(({ name }) => name);
  const countOf = (row: string, column: string): number => heard[row]?.[column] ?? 0;
  const rows = names.map((row) => [row, ...names.map((column) => countOf(row, column))]);
  return section(
    words.met,
    words.metSays,
    matrix(words.met, names, countOf),
    folded(words.met, table([words.wearer, ...names], rows)),
  );
}

function faults(words: Words, happened: Shown['faults']): string {
  const rows = Object.entries(happened).map(([kind, times]) => [kind, times ?? 0]);
  if (rows.length === 0) return section(words.faults, words.none);
  return section(words.faults, words.faultsSays, table([words.fault, words.times], rows));
}

function run(words: Words, { record, replay }: Shown): string {
  const { seed, eventHash, days, tokens, virtualSeconds, realSeconds } = record;
  const rows = [
    [words.seed, seed],
    [words.hash, eventHash],
    [words.again, replay],
    [words.length, days],
    [words.wearers, tokens],
    [words.speed, Math.round(virtualSeconds / realSeconds)],
  ];
  const lines = rows.map(
    ([name, value]) =>
      `<tr><th scope="row">${escaped(String(name))}</th><td><code>${escaped(String(value))}</code></td></tr>`,
  );
  return `<section><h2>${escaped(words.run)}</h2><table><tbody>${lines.join('')}</tbody></table></section>`;
}

/** HTML, complete. */
export function reportPage(shown: Shown, language: Language): string {
  const words = WORDS[language];
  const { record, collected, held } = shown;
  const promises = held.map(({ property, says }) => [property, says]);
  const sections = [
    run(words, shown),
    warnings(words, record, collected),
    section(words.held, words.heldSays, table([words.property, words.promise], promises)),
    faults(words, shown.faults),
    detection(words, record.seed),
    battery(words, record),
    storage(words, collected),
    met(words, record, collected),
  ];
  const title = escaped(words.title);
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title><style>${STYLE}</style></head>
<body><main><h1>${title}</h1><p>${escaped(words.intro)}</p>
${sections.join('\n')}
</main></body></html>
`;
}
