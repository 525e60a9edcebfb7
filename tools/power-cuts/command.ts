/** The command `power-cuts`: runs or replays, and says what came of it. */

import { failureOf } from './failure.js';
import { spoilHeaders } from './headers.js';
import { HELP, type Options, optionsFrom } from './options.js';
import { type Replay, replay } from './replay.js';
import { textOf } from './report.js';
import { runCuts } from './run.js';

const OK = 0;
const FAILED = 1;
const USAGE = 2;
/** No line of progress before the first second, nor oftener. */
const PROGRESS_MS = 1000;

export interface Output {
  out(text: string): void;
  /** Progress, and what is wrong. */
  error(text: string): void;
}

/** What a byte of a header that is spoilt takes with it: `header:4096`. */
async function headerReplayed(address: number, json: boolean, { out, error }: Output): Promise<number> {
  const { spoilt, failures } = await spoilHeaders(address);
  if (spoilt === 0) {
    error(`no header has a byte ${address}\n`);
    return USAGE;
  }
  if (json) out(`${JSON.stringify({ address, failures })}\n`);
  else out(failures.length === 0 ? 'every promise was kept\n' : `broken: ${failures[0]!.what}\n`);
  return failures.length === 0 ? OK : FAILED;
}

async function replayed(id: string, json: boolean, output: Output): Promise<number> {
  const { out, error } = output;
  const header = /^header:(\d{1,8})$/.exec(id);
  if (header) return headerReplayed(Number(header[1]), json, output);
  let found: Replay | undefined;
  try {
    found = await replay(id);
  } catch (thrown) {
    error(`the operation fails without any cut: ${failureOf(thrown)}\n`);
    return FAILED;
  }
  if (!found) {
    error(`no cut is called ${JSON.stringify(id.slice(0, 80))}: names look like wrap:2079:o1\n`);
    return USAGE;
  }
  const { trace, promised, chips, failure } = found;
  if (json) out(`${JSON.stringify(found)}\n`);
  else {
    out(`${trace.join('\n')}\n`);
    out(`promised before: ${JSON.stringify(promised.before)}\npromised next:   ${JSON.stringify(promised.after)}\n`);
    out(`chips ${chips}\n${failure === undefined ? 'every promise was kept' : `broken: ${failure}`}\n`);
  }
  return failure === undefined ? OK : FAILED;
}

async function ran({ cuts, seed, json }: Options, { out, error }: Output): Promise<number> {
  const start = performance.now();
  let told = start;
  const result = await runCuts({
    cuts,
    seed,
    progress(done, of) {
      if (performance.now() - told < PROGRESS_MS) return;
      told = performance.now();
      error(`${done} of ${of} cuts\n`);
    },
  });
  const seconds = (performance.now() - start) / 1000;
  out(json ? `${JSON.stringify({ ...result, seconds })}\n` : textOf(result, seconds));
  return result.failures.length === 0 ? OK : FAILED;
}

/** The exit code: 0 when every promise was kept, 1 when one was broken, 2 when the arguments make no sense. */
export async function command(args: string[], output: Output): Promise<number> {
  const options = optionsFrom(args);
  if (typeof options === 'string') {
    output.error(`${options}\n`);
    return USAGE;
  }
  if (options.help) {
    output.out(HELP);
    return OK;
  }
  return options.replay === undefined ? ran(options, output) : replayed(options.replay, options.json, output);
}
