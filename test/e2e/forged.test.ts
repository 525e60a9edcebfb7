/** A courier that is no honest one: whatever it changes in the server's answers, the token refuses, unchanged. */
import './patience.js';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFlashFile } from './flash-file.js';
import { House } from './house.js';
import { Meddler } from './meddler.js';
import { makeTemplate, NEIGHBOUR, POSITIVE, type Template } from './template.js';

const VISITS = '/galet/v1/visits';
const PAGE = 4096;
/** The journal, then the ratchet's states; the log after the two places for identifiers. */
const STATE_PAGES = 4;
const LOG_PAGE = 16;

let template: Template;
let house: House;
const meddler = new Meddler();

beforeAll(async () => {
  template = await makeTemplate();
  house = await House.open({ from: template.folder, proxy: (url) => meddler.start(url) });
  await house.startBackend();
  await house.startKiosk();
});
afterAll(async () => {
  await house.close();
  await meddler.close();
  template.remove();
});

interface Answer {
  head: string;
  days: string[];
}

/** Changes the visit's answer on its way. */
function changing(change: (answer: Answer) => Answer): (path: string, body: Buffer) => Buffer {
  return (path, body) =>
    path === VISITS ? Buffer.from(JSON.stringify(change(JSON.parse(body.toString()) as Answer))) : body;
}

function flipBit(base64: string, bit: number): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('base64');
}

const withDay = (answer: Answer, day: number, change: (sealed: string) => string): Answer => ({
  ...answer,
  days: answer.days.map((sealed, i) => (i === day ? change(sealed) : sealed)),
});

/** A visit at a token fresh from power-up, whose answer the courier changes; what is in force must not change. */
async function refuses(change: (answer: Answer) => Answer, language: 'en' | 'fr' = 'en'): Promise<string> {
  const flash = house.file(POSITIVE);
  const { port, galet } = await house.startToken(flash);
  try {
    const before = readFileSync(flash);
    const state = readFlashFile(flash);
    meddler.tamper = changing(change);
    const visit = await house.run(['sync', port, '--kiosk', house.kioskUrl, '--lang', language]);
    meddler.tamper = undefined;
    expect(visit).toMatchObject({ code: 34, json: { error: { code: 'answer-refused', exit: 34 } } });
    const after = readFileSync(flash);
    expect(after.subarray(0, STATE_PAGES * PAGE).equals(before.subarray(0, STATE_PAGES * PAGE))).toBe(true);
    expect(after.subarray(LOG_PAGE * PAGE).equals(before.subarray(LOG_PAGE * PAGE))).toBe(true);
    expect(readFlashFile(flash)).toEqual(state);
    expect((await house.show(port)).json).toMatchObject({ life: 'tracing', goodForDays: 14 });
    return visit.json.error?.message ?? '';
  } finally {
    meddler.tamper = undefined;
    await galet.kill();
  }
}

/** The answer that a token gets when nobody meddles. */
async function honestAnswer(flash: string): Promise<Answer> {
  const { port, galet } = await house.startToken(house.file(flash));
  expect((await house.sync(port)).code).toBe(0);
  await galet.kill();
  const answer = meddler.to(VISITS).pop()?.answered ?? Buffer.alloc(0);
  return JSON.parse(answer.toString()) as Answer;
}

describe('an answer that the server did not give to this request is refused, and the token is as before (R24)', () => {
  it('forged from nothing', async () => {
    const message = await refuses(({ days }) => ({
      head: randomBytes(144).toString('base64'),
      days: days.map(() => randomBytes(880).toString('base64')),
    }));
    expect(message).toContain('Nothing on it has changed');
    expect(message).not.toMatch(/[{}]/);
  });

  it('for another token', async () => {
    const other = await honestAnswer(NEIGHBOUR);
    const message = await refuses(() => other, 'fr');
    expect(message).toContain('Rien n’a changé');
    expect(message).not.toMatch(/[{}]/);
  });

  it('an old one replayed, whole or in part', async () => {
    const old = await honestAnswer(POSITIVE);
    await refuses(() => old);
    await refuses((answer) => ({ ...answer, days: old.days }));
    await refuses((answer) => withDay(answer, 21, () => old.days[21] ?? ''));
  });

  it('with one bit flipped anywhere in the head', async () => {
    // Salt, version, risk level, time, phone, tag.
    for (const bit of [3, 16 * 8, 17 * 8 + 2, 24 * 8 + 7, 60 * 8, 143 * 8 + 7]) {
      await refuses((answer) => ({ ...answer, head: flipBit(answer.head, bit) }));
    }
  });

  it('with one bit flipped in the first, a middle or the last day', async () => {
    for (const [day, bit] of [
      [0, 0],
      [10, 4000],
      [21, 863 * 8 + 7],
      [21, 879 * 8],
    ] as const) {
      await refuses((answer) => withDay(answer, day, (sealed) => flipBit(sealed, bit)));
    }
  });

  it('with days exchanged or cut off', async () => {
    await refuses(({ head, days }) => ({ head, days: [days[1] ?? '', days[0] ?? '', ...days.slice(2)] }));
    await refuses(({ head, days }) => ({ head, days: days.slice(0, 21) }));
  });

  it('and an honest one is then taken', async () => {
    await honestAnswer(POSITIVE);
    expect(readFlashFile(house.file(POSITIVE))).toMatchObject({ days: 22, wholeDays: 22, batches: 4 });
  });
});
