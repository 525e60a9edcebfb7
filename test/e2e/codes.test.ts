/** Codes, networks and couriers that fail: clear words, nothing lost, one effect. Real processes. */
import './patience.js';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readFlashFile } from './flash-file.js';
import { House } from './house.js';
import { settledLedger } from './ledger.js';
import { Meddler } from './meddler.js';
import { until } from './process.js';
import { makeTemplate, NEIGHBOUR, POSITIVE, POSITIVE_2, type Template } from './template.js';

let template: Template;
let house: House;

beforeAll(async () => {
  template = await makeTemplate({ shortCodeMinutes: 5 });
});
afterAll(() => template.remove());

beforeEach(async () => {
  house = await House.running({ from: template.folder });
});
afterEach(() => house.close());

const settled = async () => {
  await house.backend?.kill();
  return await settledLedger(house.backendDir);
};

const queueIsEmpty = () => until('an empty queue', async () => (await house.kioskQueue())?.waiting === 0);

/** What a person at the counter reads, in one language, of a refused report. */
async function refusal(port: string, code: string, language: 'fr' | 'en'): Promise<{ exit: number; message: string }> {
  const { json, code: exit } = await house.run([
    'report',
    port,
    '--code',
    code,
    '--kiosk',
    house.kioskUrl,
    '--lang',
    language,
  ]);
  expect(json.error?.exit).toBe(exit);
  return { exit: exit ?? -1, message: json.error?.message ?? '' };
}

/** Both languages say it, in different words and without a placeholder left over. */
async function isRefusedClearly(
  port: string,
  code: string,
  exit: number,
  says: { fr: string; en: string },
): Promise<void> {
  for (const language of ['fr', 'en'] as const) {
    const refused = await refusal(port, code, language);
    expect(refused.exit).toBe(exit);
    expect(refused.message).toContain(says[language]);
    expect(refused.message).not.toMatch(/[{}]/);
  }
}

describe('a code', () => {
  it('that is wrong, expired or used is refused before anybody is asked, changes nothing, and another one works', async () => {
    const flash = house.file(POSITIVE);
    const { port, galet } = await house.startToken(flash);
    const before = readFileSync(flash);
    await isRefusedClearly(port, 'WRNGCDE2', 41, { fr: 'n’est pas connu', en: 'not known' });
    await isRefusedClearly(port, template.expiredCode, 43, { fr: 'a expiré', en: 'has expired' });
    expect(readFileSync(flash).equals(before)).toBe(true);
    expect(galet.said).not.toContain('The token asks');

    const second = await house.startToken(house.file(POSITIVE_2));
    const code = await house.issueCode();
    expect((await house.report(second.port, code)).json).toMatchObject({ outcome: 'delivered' });
    await isRefusedClearly(port, code, 42, { fr: 'a déjà servi', en: 'already been used' });
    expect(readFileSync(flash).equals(before)).toBe(true);

    expect((await house.report(port, await house.issueCode())).json).toMatchObject({ outcome: 'delivered' });
    expect(await settled()).toMatchObject({ exposures: 8, doubleEpochs: 0, receipts: 2, codesUsed: 2, atRisk: 2 });
  });

  it('may be typed in small letters, with spaces and dashes', async () => {
    const { port } = await house.startToken(house.file(POSITIVE));
    const code = await house.issueCode();
    const typed = ` ${code.slice(0, 3).toLowerCase()}-${code.slice(3)} `;
    expect((await house.report(port, typed)).json).toMatchObject({ outcome: 'delivered' });
  });

  it('is good for one of two couriers that race with it; the other wearer loses nothing and is asked again', async () => {
    const other = await house.startAnotherKiosk();
    const tokens = [await house.startToken(house.file(POSITIVE)), await house.startToken(house.file(POSITIVE_2))];
    const code = await house.issueCode();
    const race = await Promise.all(
      tokens.map(({ port }, i) =>
        house.run(['report', port, '--code', code, '--kiosk', i === 0 ? house.kioskUrl : other]),
      ),
    );
    const winner = race.findIndex(({ json }) => json.outcome === 'delivered');
    expect(winner).toBeGreaterThanOrEqual(0);
    const loser = 1 - winner;
    expect(race[loser]).toMatchObject({ code: 42, json: { error: { code: 'code-used' } } });
    const flash = house.file(loser === 0 ? POSITIVE : POSITIVE_2);
    expect(readFlashFile(flash)).toMatchObject({ batches: 4, oldestBatch: 0, reportedBatches: 0 });
    const again = await house.report(tokens[loser]!.port, await house.issueCode());
    expect(again.json).toMatchObject({ outcome: 'delivered' });
    expect(await settled()).toMatchObject({ exposures: 8, doubleEpochs: 0, receipts: 2, codesUsed: 2, codesUnused: 1 });
  });
});

describe('two reports at once', () => {
  it('from two tokens at one counter are both delivered, each once', async () => {
    const tokens = [await house.startToken(house.file(POSITIVE)), await house.startToken(house.file(POSITIVE_2))];
    const codes = [await house.issueCode(), await house.issueCode()];
    const reports = await Promise.all(tokens.map(({ port }, i) => house.report(port, codes[i]!)));
    for (const { json } of reports) expect(json).toEqual({ outcome: 'delivered', batches: 4 });
    expect(await settled()).toMatchObject({ exposures: 8, doubleEpochs: 0, receipts: 2, codesUsed: 2, atRisk: 2 });
  });

  it('of one token are one', async () => {
    const { port } = await house.startToken(house.file(POSITIVE));
    const code = await house.issueCode();
    const reports = await Promise.all([house.report(port, code), house.report(port, code)]);
    // The cable takes one at a time: the other is told so, or comes second.
    for (const { json } of reports)
      expect([json.outcome, json.error?.code]).toContainEqual(expect.stringMatching(/delivered|port-busy/));
    expect((await house.report(port, code)).json).toEqual({ outcome: 'delivered', batches: 0 });
    expect(await settled()).toMatchObject({ exposures: 4, doubleEpochs: 0, receipts: 1, codesUsed: 1 });
  });
});

describe('a counter without network', () => {
  it('keeps the report, says so, delivers it once when the network is back, and the next visit brings the receipt', async () => {
    const flash = house.file(POSITIVE);
    const { port } = await house.startToken(flash);
    const code = await house.issueCode();
    await house.backend?.kill();
    const kept = await house.report(port, code, {}, 1);
    expect(kept).toMatchObject({ code: 0, json: { outcome: 'kept', batches: 4 } });
    expect(await house.kioskQueue()).toMatchObject({ waiting: 1, backend: 'unreachable' });
    expect((await house.show(port)).json).toMatchObject({ needs: { receipt: true } });
    // Without a server there is no visit; nothing is lost by trying.
    expect(await house.sync(port)).toMatchObject({ code: 52, json: { error: { code: 'backend-unreachable' } } });
    expect(readFlashFile(flash)).toMatchObject({ batches: 4, oldestBatch: 0, reportedBatches: 0, reportStage: 2 });

    await house.startBackend();
    await queueIsEmpty();
    expect((await house.sync(port)).json).toMatchObject({ report: 'delivered', needs: { receipt: false } });
    expect(readFlashFile(flash)).toMatchObject({ reportedBatches: 4, reportStage: 3 });
    expect((await house.report(port, code)).json).toEqual({ outcome: 'delivered', batches: 0 });
    const neighbour = await house.startToken(house.file(NEIGHBOUR));
    expect((await house.sync(neighbour.port)).code).toBe(0);
    expect(await settled()).toMatchObject({ exposures: 4, doubleEpochs: 0, receipts: 1, codesUsed: 1, atRisk: 1 });
  });

  it('takes a wrong code unchecked; the refusal is told at the next visit, and consent can be asked again', async () => {
    const flash = house.file(POSITIVE);
    const { port } = await house.startToken(flash);
    await house.backend?.kill();
    expect((await house.report(port, 'WRNGCDE2', {}, 0)).json).toMatchObject({ outcome: 'kept' });
    await house.startBackend();
    await queueIsEmpty();
    const visit = await house.sync(port);
    expect(visit).toMatchObject({ code: 0, json: { report: 'refused', refusal: 'code-unknown' } });
    expect(readFlashFile(flash)).toMatchObject({ batches: 4, oldestBatch: 0, reportedBatches: 0 });
    expect((await house.report(port, await house.issueCode())).json).toEqual({ outcome: 'delivered', batches: 4 });
    expect(await settled()).toMatchObject({ exposures: 4, receipts: 1, codesUsed: 1 });
  });
});

describe('a wearer who does not press', () => {
  it('sends nothing, and can be asked again', async () => {
    const flash = house.file(POSITIVE);
    const { port, galet } = await house.startToken(flash, { consents: false });
    const code = await house.issueCode();
    const command = house.start(['report', port, '--code', code, '--kiosk', house.kioskUrl]);
    await until('the question', () => galet.said.includes('The token asks'));
    galet.type('press 2');
    galet.type('press 1');
    await until('the countdown', () => command.said.includes('Press the token'));
    // The person at the counter gives up; a press that comes too late for that is a consent all the same to nobody.
    await command.kill('SIGINT');
    expect(readFlashFile(flash)).toMatchObject({ reportStage: 0 });
    expect(await house.kioskQueue()).toMatchObject({ waiting: 0, drafts: 0 });
    const again = house.start(['report', port, '--code', code, '--kiosk', house.kioskUrl]);
    await until('the countdown again', () => again.said.includes('Press the token'));
    galet.type('press');
    expect(JSON.parse((await again.ended).stdout)).toMatchObject({ outcome: 'delivered' });
  });
});

describe('an upload repeated a hundred times', () => {
  it('is answered each time with the same receipt, and has one effect', async () => {
    const meddler = new Meddler();
    const behind = await House.open({ from: template.folder, proxy: (url) => meddler.start(url) });
    try {
      await behind.startBackend();
      await behind.startKiosk();
      const { port } = await behind.startToken(behind.file(POSITIVE));
      expect((await behind.report(port, await behind.issueCode())).json).toMatchObject({ outcome: 'delivered' });
      const [upload] = meddler.to('/galet/v1/reports');
      const repeat = async (): Promise<unknown> => {
        const headers = { 'content-type': 'application/octet-stream' };
        const body = new Uint8Array(upload!.sent);
        const reply = await fetch(`${behind.backendUrl}/galet/v1/reports`, { method: 'POST', headers, body });
        return await reply.json();
      };
      for (let round = 0; round < 10; round++) {
        const receipts = await Promise.all(Array.from({ length: 10 }, repeat));
        for (const receipt of receipts) expect(receipt).toEqual(JSON.parse(upload!.answered.toString()));
      }
      await behind.backend?.kill();
      expect(await settledLedger(behind.backendDir)).toMatchObject({
        exposures: 4,
        doubleEpochs: 0,
        receipts: 1,
        codesUsed: 1,
      });
    } finally {
      await behind.close();
      await meddler.close();
    }
  });
});
