/**
 * A curious counter: after a report its whole disk and its process memory are searched for the identifiers that the
 * report is about. A planted canary, in every form looked for, must be found.
 */
import './patience.js';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileFlash } from '../../device/boards/linux/flash.js';
import { mountJournal } from '../../device/log/journal.js';
import { epochAt } from '../../device/robert/time.js';
import { factsOf } from '../../device/token/facts.js';
import { createIdentifiers } from '../../device/token/identifiers.js';
import { layout } from '../../device/token/layout.js';
import { systemClock } from '../../host/clock.js';
import { nodeDigest } from '../../host/crypto.js';
import { House } from './house.js';
import { until } from './process.js';
import { EPOCHS_TOGETHER, makeTemplate, NEIGHBOUR, POSITIVE, type Template } from './template.js';

const EPOCHS_BACK = 8;
const STEP = 16 * 1024 * 1024;
const OVERLAP = 64;

interface Pattern {
  form: string;
  bytes: Buffer;
}

/** The text of `secret` as it stands inside the base64 of a longer whole, at each of three alignments. */
function base64Within(secret: Buffer, before: number): Buffer {
  const text = Buffer.concat([Buffer.alloc(before), secret])
    .toString('base64')
    .replace(/=+$/, '');
  // Characters that also hold bits of what stands before or after say nothing.
  const from = Math.ceil((before * 4) / 3);
  const to = Math.floor(((before + secret.length) * 4) / 3);
  return Buffer.from(text.slice(from, to));
}

function patternsOf(secret: Buffer): Pattern[] {
  const hex = secret.toString('hex');
  return [
    { form: 'binary', bytes: secret },
    { form: 'hex', bytes: Buffer.from(hex) },
    { form: 'HEX', bytes: Buffer.from(hex.toUpperCase()) },
    ...[0, 1, 2].map((before) => ({ form: `base64+${before}`, bytes: base64Within(secret, before) })),
  ];
}

function formsIn(haystack: Buffer, patterns: Pattern[], found: Set<string>): void {
  for (const { form, bytes } of patterns) if (!found.has(form) && haystack.includes(bytes)) found.add(form);
}

function searchDisk(folder: string, patterns: Pattern[]): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync(folder, { recursive: true })) {
    const file = join(folder, String(name));
    if (statSync(file).isFile()) formsIn(readFileSync(file), patterns, found);
  }
  return found;
}

/** Every readable page of a process, in pieces that overlap. */
function searchMemory(pid: number, patterns: Pattern[]): { found: Set<string>; bytes: number } {
  const found = new Set<string>();
  let bytes = 0;
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const piece = Buffer.alloc(STEP + OVERLAP);
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, start, end, access] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
      if (start === undefined || end === undefined || !access?.startsWith('r') || line.includes('[v')) continue;
      const last = Number.parseInt(end, 16);
      for (let at = Number.parseInt(start, 16); at < last; at += STEP) {
        let length = 0;
        try {
          length = readSync(memory, piece, 0, Math.min(piece.length, last - at), at);
        } catch {
          // A page that went away meanwhile, or that no program can read.
          continue;
        }
        bytes += length;
        formsIn(piece.subarray(0, length), patterns, found);
      }
    }
  } finally {
    closeSync(memory);
  }
  return { found, bytes };
}

/** The identifiers that the token in `file` had in the last hours: what her neighbour's report is about. */
function identifiersOf(file: string): Buffer[] {
  const flash = fileFlash(file);
  try {
    const places = layout(flash);
    const facts = factsOf(mountJournal(places.journal));
    const identifiers = createIdentifiers(nodeDigest, facts, places.refills);
    const { serviceStart } = facts.answer()!.head;
    const now = epochAt(serviceStart, systemClock());
    const recent = Array.from({ length: EPOCHS_BACK }, (_, i) => identifiers.of(now - i));
    return recent.flatMap((identifier) => (identifier ? [Buffer.from(identifier.ebid)] : []));
  } finally {
    flash.close();
  }
}

let template: Template;
let house: House;

beforeAll(async () => {
  template = await makeTemplate();
  house = await House.running({ from: template.folder });
});
afterAll(async () => {
  await house.close();
  template.remove();
});

describe.skipIf(process.platform !== 'linux')('the counter’s disk and memory', () => {
  const ALL_FORMS = ['HEX', 'base64+0', 'base64+1', 'base64+2', 'binary', 'hex'];

  /** A report draft that holds a canary as text, and as bytes at all alignments of the base64 that it travels in. */
  async function plantCanary(canary: Buffer): Promise<void> {
    const header = Buffer.concat(
      [0, 1, 2].map((before) => Buffer.concat([Buffer.alloc(3 + before), canary, Buffer.alloc(8 - before + 2)])),
    );
    const whole = Buffer.concat([header, Buffer.alloc((3 - (header.length % 3)) % 3)]);
    const hex = canary.toString('hex');
    const draft = {
      code: `${hex}-${hex.toUpperCase()}`,
      encs: Buffer.alloc(32, 1).toString('base64'),
      header: whole.toString('base64'),
      firstBatch: 0,
      lastBatch: 0,
    };
    const reply = await fetch(`${house.kioskUrl}/api/v1/reports/${'ab'.repeat(16)}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(draft),
    });
    expect(reply.status).toBe(200);
  }

  it('hold none of a report’s identifiers in clear, before it leaves and after; a planted canary is found (R41)', async () => {
    const secrets = identifiersOf(house.file(NEIGHBOUR));
    expect(secrets.length).toBeGreaterThanOrEqual(EPOCHS_TOGETHER);
    const patterns = secrets.flatMap(patternsOf);
    const data = join(house.folder, 'kiosk');
    const pid = house.kiosk?.pid ?? 0;

    const { port } = await house.startToken(house.file(POSITIVE));
    expect((await house.sync(port)).code).toBe(0);
    const code = await house.issueCode();
    await house.backend?.kill();
    expect((await house.report(port, code, {}, 1)).json).toEqual({ outcome: 'kept', batches: 4 });
    expect([...searchDisk(data, patterns)]).toEqual([]);
    expect([...searchMemory(pid, patterns).found]).toEqual([]);

    await house.startBackend();
    await until('an empty queue', async () => (await house.kioskQueue())?.waiting === 0);
    expect((await house.sync(port)).json).toMatchObject({ report: 'delivered' });
    expect([...searchDisk(data, patterns)]).toEqual([]);
    const memory = searchMemory(pid, patterns);
    expect([...memory.found]).toEqual([]);
    expect(memory.bytes).toBeGreaterThan(30_000_000);

    const canary = Buffer.from('c0ffee5eedfacade', 'hex');
    await plantCanary(canary);
    expect([...searchMemory(pid, patternsOf(canary)).found].sort()).toEqual(ALL_FORMS);
    expect([...searchDisk(data, patternsOf(canary))].sort()).toEqual(['HEX', 'binary', 'hex']);
  });
});
