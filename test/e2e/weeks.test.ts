/** Bad days that take weeks, in virtual time: the real code of token, kiosk and server, with injected clocks. */
import './patience.js';
import { afterEach, describe, expect, it } from 'vitest';
import { errorSentences } from '../../host/catalogue/errors.js';
import { START } from '../support/fleet.js';
import { DAY, HOUR, type Person, World, type WorldOptions } from './world.js';

/** Long enough to be at risk: the score of a quarter of an hour at close range is the threshold. */
const LONG = 45 * 60;
const MORNING = START + 9 * HOUR;

let world: World;

async function open(options: Partial<WorldOptions> = {}): Promise<World> {
  world = await World.open({ start: MORNING, ...options });
  return world;
}

afterEach(async () => {
  expect(world.troubles).toEqual([]);
  await world.close();
});

/** Two people who spend three quarters of an hour together; the first then tests positive and reports. */
async function exposed(w: World): Promise<[positive: Person, neighbour: Person]> {
  const [positive, neighbour] = [await w.wearer('Jeanne'), await w.wearer('Marcel')];
  await w.together([positive, neighbour], LONG);
  await w.advance(HOUR);
  expect(await w.report(positive, await w.issueCode())).toMatchObject({ outcome: 'delivered' });
  return [positive, neighbour];
}

describe('a warning (R71)', () => {
  it('reaches a token that was exposed on day 1 and lives until its visit on day 14', async () => {
    const w = await open();
    const [, neighbour] = await exposed(w);
    await w.advance(13 * DAY);
    expect(neighbour.token.signal()).not.toBe('at-risk');
    expect(await w.isWarnedAtVisit(neighbour)).toBe(true);
  });

  it('reaches a token on whichever day of the 21 after the contact it visits', async () => {
    const w = await open();
    const positive = await w.wearer('Jeanne');
    const days = Array.from({ length: 21 }, (_, i) => i + 1);
    const visitors: Person[] = [];
    for (const day of days) visitors.push(await w.wearer(`visitor of day ${day}`));
    const bystander = await w.wearer('bystander');
    // In two sittings: of a crowd the token keeps the nearest twenty or so.
    await w.together([positive, ...visitors.slice(0, 11)], LONG);
    await w.together([positive, ...visitors.slice(11)], LONG);
    await w.advance(HOUR);
    await w.report(positive, await w.issueCode());
    // In a drawer until their visit: only their clocks run.
    for (const person of [positive, ...visitors, bystander]) person.off();
    const warned: number[] = [];
    for (const [i, visitor] of visitors.entries()) {
      await w.advance(START + (i + 1) * DAY + 12 * HOUR - w.now);
      visitor.on();
      if (await w.isWarnedAtVisit(visitor)) warned.push(i + 1);
      visitor.off();
    }
    expect(warned).toEqual(days);
    bystander.on();
    expect(await w.isWarnedAtVisit(bystander)).toBe(false);
  });
});

describe('a token whose identifiers run out', () => {
  it('falls silent, never says an old one again, and goes on listening', async () => {
    const w = await open();
    const [quiet, neighbour] = [await w.wearer('Jeanne'), w.person('Marcel')];
    quiet.off();
    await w.advance(21 * DAY);
    quiet.on();
    // Not at the very end of an epoch, when identifiers change.
    await w.advance(HOUR + 300);
    expect(quiet.token.isOnAir()).toBe(true);
    await w.advance(DAY);
    expect(quiet.token.isOnAir()).toBe(false);
    expect(quiet.onAir).toBeUndefined();
    expect(quiet.token.signal()).toBe('silent');
    expect((await w.visit(quiet, ({ token }) => token.ask('hello', {}))).life).toBe(2);
    // Silent, she hears somebody, and her report warns him.
    await w.provision(neighbour);
    await w.together([quiet, neighbour], LONG);
    await w.advance(HOUR);
    await w.report(quiet, await w.issueCode());
    expect(await w.isWarnedAtVisit(neighbour)).toBe(true);
    await w.sync(quiet);
    await w.advance(HOUR + 300);
    expect(quiet.token.isOnAir()).toBe(true);
    expect(quiet.token.signal()).toBe('well');
  });
});

describe('the end of the service', () => {
  const isErased = (person: Person): boolean =>
    person.token.life() === 4 && person.board.flash.bytes.subarray(8192).every((byte) => byte === 0xff);

  it('erases every token on its day, without any visit, and the server refuses', async () => {
    const endTime = MORNING + 3 * DAY;
    const w = await open({ parameters: { endTime } });
    const [worn, drawer] = [await w.wearer('worn'), await w.wearer('in a drawer')];
    await w.together([worn, drawer], LONG);
    drawer.off();
    await w.advance(endTime - w.now - HOUR);
    expect(worn.token.life()).toBe(1);
    await w.advance(2 * HOUR);
    expect(isErased(worn)).toBe(true);
    expect(worn.token.signal()).toBe('ended');
    drawer.on();
    await w.advance(HOUR);
    expect(isErased(drawer)).toBe(true);
    await expect(w.sync(worn)).rejects.toMatchObject({ code: 'token-ended' });
    const refused = { code: 'service-ended' };
    await expect(w.issueCode()).rejects.toMatchObject(refused);
    await expect(w.server.report(new Uint8Array(100))).rejects.toMatchObject(refused);
    await expect(w.wearer('late')).rejects.toMatchObject(refused);
    const status = await fetch(`${w.backend.url}/galet/v1/reports`, { method: 'POST' });
    expect(status.status).toBe(410);
    expect((await fetch(`${w.backend.url}/api/v6/clock`)).status).toBe(410);
    expect(w.ledger()).toMatchObject({ exposures: 0, receipts: 0, waiting: 0 });
  });

  it('is told at its visit to a token that did not know of it, even one whose clock is lost', async () => {
    const w = await open();
    const [known, lost] = [await w.wearer('Jeanne'), await w.wearer('Marcel')];
    await w.together([known, lost], LONG);
    await w.newParameters({ endTime: MORNING + 2 * DAY });
    lost.off();
    await w.advance(3 * DAY);
    lost.on(true);
    expect(known.token.life()).toBe(1);
    expect((await w.sync(known)).hello.life).toBe(4);
    expect((await w.sync(lost)).hello.life).toBe(4);
    expect(isErased(known) && isErased(lost)).toBe(true);
  });
});

describe('an empty battery', () => {
  it('of a day leaves a token that waits silently for its visit and then is as before, log included', async () => {
    const w = await open();
    const [positive, neighbour] = [await w.wearer('Jeanne'), await w.wearer('Marcel')];
    await w.together([positive, neighbour], LONG);
    await w.advance(HOUR);
    positive.off();
    await w.advance(DAY);
    positive.on(true);
    await w.advance(HOUR);
    expect(positive.token.isOnAir()).toBe(false);
    expect(positive.token.signal()).toBe('silent');
    const { hello } = await w.sync(positive);
    expect(hello.life).toBe(1);
    expect(Math.abs(positive.token.now() - w.now)).toBeLessThan(1);
    await w.report(positive, await w.issueCode());
    expect(await w.isWarnedAtVisit(neighbour)).toBe(true);
  });

  it('does not make what is heard afterwards worthless: the gateway corrects its time', async () => {
    const w = await open();
    const [positive, neighbour] = [await w.wearer('Jeanne'), await w.wearer('Marcel')];
    positive.off();
    await w.advance(5 * HOUR);
    positive.on(true);
    // Her clock is five hours behind, and she does not say anything; but she listens.
    await w.together([positive, neighbour], LONG);
    await w.advance(HOUR);
    expect(positive.onAir).toBeUndefined();
    await w.sync(positive);
    await w.report(positive, await w.issueCode());
    expect(await w.isWarnedAtVisit(neighbour)).toBe(true);
  });

  it('of 60 days leaves a token that the server no longer knows: exchange it', async () => {
    const w = await open();
    const person = await w.wearer('Jeanne');
    person.off();
    await w.advance(61 * DAY);
    person.on(true);
    await expect(w.sync(person)).rejects.toMatchObject({ code: 'token-unknown', kind: { status: 430, exit: 45 } });
    expect(errorSentences['token-unknown'].en).toContain('Exchange it');
    expect(w.ledger()).toMatchObject({ registrations: 0, identities: 0 });
  });
});

describe('a report', () => {
  it('repeats no record of the one before', async () => {
    const w = await open();
    const [positive, neighbour] = await exposed(w);
    const first = w.ledger();
    expect(first).toMatchObject({ doubleEpochs: 0, receipts: 1, codesUsed: 1 });
    await w.together([positive, neighbour], LONG);
    await w.advance(HOUR);
    const bytes: number[] = [];
    const counter = Object.assign(Object.create(w.counter), {
      append(id: string, batches: Uint8Array) {
        bytes.push(batches.length);
        return w.counter.append(id, batches);
      },
    });
    await w.report(positive, await w.issueCode(), counter);
    const second = w.ledger();
    expect(second).toMatchObject({ doubleEpochs: 0, receipts: 2, codesUsed: 2, exposures: first.exposures * 2 });
    expect(bytes.length).toBe(1);
  });

  it('made under a consent for one code cannot be used with another', async () => {
    const w = await open();
    const [positive, neighbour] = [await w.wearer('Jeanne'), await w.wearer('Marcel')];
    await w.together([positive, neighbour], LONG);
    await w.advance(HOUR);
    const [consented, swapped, third] = [await w.issueCode(), await w.issueCode(), await w.issueCode()];
    const thief = Object.assign(Object.create(w.counter), {
      draft: (id: string, draft: Parameters<typeof w.counter.draft>[1]) =>
        w.counter.draft(id, { ...draft, code: swapped }),
    });
    await expect(w.report(positive, consented, thief)).rejects.toMatchObject({
      code: 'code-mismatch',
      kind: { exit: 44 },
    });
    expect(w.ledger()).toMatchObject({ codesUsed: 0, receipts: 0, exposures: 0, waiting: 0 });
    // Nothing is lost, and consent can be asked again.
    expect(await w.report(positive, third)).toMatchObject({ outcome: 'delivered' });
    expect(w.ledger()).toMatchObject({ codesUsed: 1, receipts: 1, doubleEpochs: 0 });
    expect(await w.isWarnedAtVisit(neighbour)).toBe(true);
  });

  it('repeated a hundred times has one effect', async () => {
    const w = await open();
    const [positive, neighbour] = [await w.wearer('Jeanne'), await w.wearer('Marcel')];
    await w.together([positive, neighbour], LONG);
    await w.advance(HOUR);
    const code = await w.issueCode();
    for (let i = 0; i < 100; i++) expect(await w.report(positive, code)).toMatchObject({ outcome: 'delivered' });
    expect(w.ledger()).toMatchObject({ codesUsed: 1, receipts: 1, doubleEpochs: 0, atRisk: 1 });
  });
});

describe('an answer of the server', () => {
  /** A courier that holds every answer back for so many seconds. */
  const slow = (w: World, seconds: number) =>
    Object.assign(Object.create(w.counter), {
      async visit(request: Parameters<typeof w.counter.visit>[0]) {
        const answer = await w.counter.visit(request);
        w.timeline.advance(w.now + seconds);
        return answer;
      },
    });

  it('withheld for 61 s is refused, and the token’s clock does not move; one of 59 s is taken', async () => {
    const w = await open();
    const person = await w.wearer('Jeanne');
    await w.advance(HOUR);
    const before = person.token.now() - w.now;
    await expect(w.sync(person, slow(w, 61))).rejects.toMatchObject({ code: 'answer-late', kind: { exit: 36 } });
    expect(person.token.now() - w.now).toBeCloseTo(before, 3);
    await w.advance(60);
    await w.sync(person, slow(w, 59));
    expect(person.token.life()).toBe(1);
  });

  it('corrects a clock by half the time that it took', async () => {
    const w = await open();
    const person = await w.wearer('Jeanne');
    person.off();
    person.on(true);
    await w.sync(person, slow(w, 20));
    // Bound by the token to the middle of its waiting; the courier spent all of it on the way back.
    expect(person.token.now() - w.now).toBeCloseTo(-10, 0);
  });
});
