/** A run's result for people. */
import type { RunResult } from './run.js';

/** So many failures are named; the rest is counted. */
const NAMED = 20;

function row(cells: (string | number)[]): string {
  const [name, ...rest] = cells;
  return `${String(name).padEnd(28)}${rest.map((cell) => String(cell).padStart(12)).join('')}\n`;
}

export function textOf(
  { seed, cuts, contents, operations, combinations, wear, headers, failures }: RunResult,
  seconds: number,
): string {
  let text = row(['operation', 'cuts', 'share', 'failures', 'mount reads']);
  for (const { operation, cuts: own, share, failures: broken, mountReads } of operations) {
    text += row([operation, own, `${(100 * share).toFixed(1)} %`, broken, mountReads.toFixed(2)]);
  }
  text += `\n${row(['writes, bad page', 'cuts', 'failures'])}`;
  for (const { writes, bad, cuts: own, failures: broken } of combinations)
    text += row([`${writes}, ${bad}`, own, broken]);
  if (wear) {
    const { pages, wraps, erasesMax } = wear;
    text += `\nthe log of ${pages} pages wrapped ${wraps} times; no page was erased more than ${erasesMax} times\n`;
  }
  if (headers) {
    text += `${headers.spoilt} bytes of ${headers.headers} headers spoilt, each alone: ${headers.failures.length} failures\n`;
  }
  text += `mount reads: of the page of the log that was read most at a boot, in whole pages\n`;
  for (const { id, what } of failures.slice(0, NAMED)) text += `\nFAILED ${id}\n       ${what}`;
  if (failures.length > 0) text += `\n\nnpm run -s power-cuts -- --replay ${failures[0]!.id}\n`;
  const rate = Math.round(cuts / seconds);
  return `${text}\n${cuts} distinct cuts that left ${contents} different contents, ${failures.length} failures, seed ${seed}, ${seconds.toFixed(1)} s (${rate} /s)\n`;
}
