/** Tokens with a wrong clock: the visit succeeds, and only the sealed answer sets them right. Real processes. */
import './patience.js';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../host/clock.js';
import { readClockFix } from './flash-file.js';
import { House } from './house.js';
import { Meddler } from './meddler.js';
import { makeTemplate, POSITIVE, type Template } from './template.js';

let template: Template;
let house: House;
let meddler: Meddler;

beforeAll(async () => {
  template = await makeTemplate();
});
afterAll(() => template.remove());

beforeEach(async () => {
  meddler = new Meddler();
  house = await House.open({ from: template.folder, proxy: (url) => meddler.start(url) });
  await house.startBackend();
  await house.startKiosk();
});
afterEach(async () => {
  await house.close();
  await meddler.close();
});

/** By how many seconds the token's idea of the time is off. */
function clockError(): number {
  const fix = readClockFix(house.file(POSITIVE));
  const counter = systemClock() + Number.parseFloat(readFileSync(`${house.file(POSITIVE)}.clock`, 'utf8'));
  const counted = counter - fix.rtc;
  return fix.ntp + counted * (1 + fix.rate) - systemClock();
}

describe.each([
  ['lost', 'lost', -300],
  ['an hour ahead', '+3600', 3600],
  ['an hour behind', '-3600', -3600],
] as const)('a token whose clock is %s', (_name, clock, about) => {
  it('visits with success; a tampered answer leaves its clock wrong, the honest one sets it right', async () => {
    const first = await house.startToken(house.file(POSITIVE), { clock });
    const { needs } = (await house.show(first.port)).json as { needs: { time: boolean } };
    expect(needs.time).toBe(clock === 'lost');
    const wrong = clockError();
    if (clock !== 'lost') expect(wrong).toBeCloseTo(about, -1);
    else expect(wrong).toBeLessThan(about);

    meddler.tamper = (path, body) => {
      if (path !== '/galet/v1/visits') return body;
      const { head, days } = JSON.parse(body.toString()) as { head: string; days: string[] };
      return Buffer.from(JSON.stringify({ head, days: [...days.slice(1), days[0]] }));
    };
    expect((await house.sync(first.port)).code).toBe(34);
    meddler.tamper = undefined;
    expect(clockError()).toBeCloseTo(wrong, 0);

    await first.galet.kill();
    const { port } = await house.startToken(house.file(POSITIVE));
    expect((await house.sync(port)).json).toMatchObject({ life: 'tracing', needs: { time: false } });
    expect(Math.abs(clockError())).toBeLessThan(1);
    expect((await house.report(port, await house.issueCode())).json).toMatchObject({ outcome: 'delivered' });
  });
});
