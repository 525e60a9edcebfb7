/**
 * `node dist/tools/attack/dump.js FLASHFILE [--ram FILE] [--later FLASHFILE] [--page-size N] [--json]`
 *
 * What a thief gets from a token: tries every aligned 32-byte window of its flash (and of a dump of its memory) against
 * every batch of its log. At most the newest batch may open, when the dump was made in the middle of its commit.
 * `--later`, an image of the same token made one batch later, is the positive control: the window that holds the
 * current state must open that next batch.
 *
 * Exit code 1 when more opens than may, or the control does not; 2 when a file cannot be used.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type AttackReport, attack } from './attack.js';

const USAGE = 'usage: dump FLASHFILE [--ram FILE] [--later FLASHFILE] [--page-size N] [--json]';

function sentences(report: AttackReport): string {
  const lines = [
    `${report.windows} windows against ${report.batches} batches: ${report.opened.length} opened` +
      (report.opened.length === 0 ? '' : ` (${report.opened.join(', ')})`),
  ];
  if (report.later.length > 0) {
    lines.push(`positive control: ${report.laterOpened.length} of ${report.later.length} later batches opened`);
  }
  lines.push(report.passed ? 'passed: nothing older than the current batch opens' : 'FAILED');
  return lines.join('\n');
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      ram: { type: 'string' },
      later: { type: 'string' },
      'page-size': { type: 'string', default: '4096' },
      json: { type: 'boolean', default: false },
    },
  });
  const file = positionals[0];
  const pageSize = Number(values['page-size']);
  if (file === undefined || positionals.length > 1 || !(pageSize >= 512 && pageSize % 4 === 0)) throw new Error(USAGE);
  const ram = values.ram === undefined ? new Uint8Array(0) : new Uint8Array(readFileSync(values.ram));
  const later = values.later === undefined ? undefined : new Uint8Array(readFileSync(values.later));
  const report = attack(new Uint8Array(readFileSync(file)), ram, later, pageSize);
  console.log(values.json ? JSON.stringify(report) : sentences(report));
  return report.passed ? 0 : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
