import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { concat } from '../../../device/bytes.js';
import { releaseMixed } from '../../../host/backend/gateway/mix.js';
import type { Contact } from '../../../host/backend/store/contacts.js';
import { countContacts, readContacts } from '../../../host/backend/store/contacts.js';
import { drainPool, mixingPool } from '../../../host/backend/store/mixing.js';
import { GaletError } from '../../../host/errors.js';
import { describeStores } from '../stores.js';
import { createWorld, START, type World } from '../world.js';
import { buildReport, honestRecord, makeTicket, type ReportSpec, type Ticket, uploadBody } from './builder.js';

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof GaletError) return error.code;
    throw error;
  }
  return 'none';
}

describeStores('gateway', (database) => {
  let world: World;
  let ticket: Ticket;
  beforeAll(async () => {
    world = await createWorld(database, { mixReports: 3, mixDelaySeconds: 600 });
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    world.now = START + 86_400;
    world.opened.length = 0;
    await drainPool(world.store.db);
    ticket = await makeTicket(world.gatewayKey);
  });

  const newCode = async (): Promise<string> => (await world.codes.issue('short')).code;

  /** Three batches of an afternoon, one record each and one in common. */
  function spec(code: string, more: Partial<ReportSpec> = {}): ReportSpec {
    const batches = [0, 1, 2].map((i) => {
      const start = world.now - 7200 + 900 * i;
      return { start, records: [honestRecord(i + 1, start, 3), honestRecord(99, start, 0, 4)] };
    });
    return { code, consentTime: Math.floor(world.now) - 30, batches, ...more };
  }

  it('accepts a report: receipt, contacts split and mixed, code burnt', async () => {
    const code = await newCode();
    const report = buildReport(ticket, spec(code));
    const { outcome, receipt } = await world.gateway.submit(report.upload);
    expect(outcome).toBe('accepted');
    expect(receipt).toEqual(report.receipt);
    expect(await world.codes.check(world.store.db, code, world.now)).toBe('used');
    expect(await mixingPool(world.store.db)).toEqual({ reports: 1, since: world.now });
    const contacts = await readContacts(world.store.db, 'mixingContacts', 100);
    expect(contacts.map((contact) => contact.ecc).sort((a, b) => a - b)).toEqual([1, 2, 3, 99]);
    expect(world.opened[0]!.counts).toMatchObject({ opened: 3, missing: 0, bad: 0 });
  });

  it('has one effect for a report repeated a hundred times, at once and later (R42)', async () => {
    const report = buildReport(ticket, spec(await newCode()));
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.gateway.submit(report.upload)));
    for (let i = 0; i < 50; i++) answers.push(await world.gateway.submit(report.upload));
    for (const answer of answers) expect(answer.receipt).toEqual(report.receipt);
    expect(answers.filter((answer) => answer.outcome === 'accepted')).toHaveLength(1);
    expect((await mixingPool(world.store.db)).reports).toBe(1);
    expect(await countContacts(world.store.db, 'mixingContacts')).toBe(4);
  });

  it('lets one of two reports that race for a code win; the other keeps everything', async () => {
    const code = await newCode();
    const other = await makeTicket(world.gatewayKey);
    const first = buildReport(ticket, spec(code));
    const second = buildReport(other, spec(code));
    const results = await Promise.all([
      codeOf(world.gateway.submit(first.upload)),
      codeOf(world.gateway.submit(second.upload)),
    ]);
    expect(results.sort()).toEqual(['code-used', 'none']);
    expect((await mixingPool(world.store.db)).reports).toBe(1);
    const again = buildReport(other, spec(await newCode()));
    const loser = results[0] === 'none' ? again : buildReport(ticket, spec(await newCode()));
    expect((await world.gateway.submit(loser.upload)).outcome).toBe('accepted');
  });

  it('never counts a record twice, whatever is reported again under another code', async () => {
    const whole = spec(await newCode());
    await world.gateway.submit(buildReport(ticket, whole).upload);
    await drainPool(world.store.db);
    const start = world.now - 900;
    const more = {
      ...whole,
      code: await newCode(),
      batches: [...whole.batches, { start, records: [honestRecord(50, start)] }],
    };
    const report = buildReport(ticket, more);
    expect((await world.gateway.submit(report.upload)).receipt).toEqual(report.receipt);
    const contacts = await readContacts(world.store.db, 'mixingContacts', 100);
    expect(contacts.map((contact) => contact.ecc)).toEqual([50]);
    expect(world.opened[1]!.counts).toMatchObject({ opened: 1, outside: 3, missing: 0 });
  });

  it('counts two reports of one ticket that arrive together once each', async () => {
    const whole = spec(await newCode());
    const one = buildReport(ticket, whole);
    const two = buildReport(ticket, { ...whole, code: await newCode() });
    const outcomes = await Promise.all([world.gateway.submit(one.upload), world.gateway.submit(two.upload)]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    expect(await countContacts(world.store.db, 'mixingContacts')).toBe(4);
  });

  it('wants the code that the wearer consented to (R37)', async () => {
    const code = await newCode();
    const other = await newCode();
    const report = buildReport(ticket, spec(code));
    const swapped = uploadBody(other, ticket.enc, report.header, report.batches);
    expect(await codeOf(world.gateway.submit(swapped))).toBe('code-mismatch');
    expect(await world.codes.check(world.store.db, other, world.now)).toBe('alive');
    expect((await world.gateway.submit(report.upload)).outcome).toBe('accepted');
  });

  it('wants a code that was alive at the consent, not on arrival', async () => {
    const code = await newCode();
    const report = buildReport(ticket, spec(code, { consentTime: world.now + 3000 }));
    world.now += 5 * 86_400;
    expect((await world.gateway.submit(report.upload)).outcome).toBe('accepted');
    const late = await newCode();
    const after = buildReport(ticket, spec(late, { consentTime: world.now + 3600 + 181 }));
    expect(await codeOf(world.gateway.submit(after.upload))).toBe('code-expired');
    expect(await codeOf(world.gateway.submit(buildReport(ticket, spec('ZZZZ9999')).upload))).toBe('code-unknown');
  });

  it('puts the consent’s time right before judging the code', async () => {
    const code = await newCode();
    const behind = world.now - 7200;
    const anchors: ReportSpec['anchors'] = [[4, behind - 1000, behind + 60, 7200, 1]];
    const wrong = spec(code, { consentTime: behind + 30, timeline: 4 });
    expect(await codeOf(world.gateway.submit(buildReport(ticket, wrong).upload))).toBe('code-expired');
    expect((await world.gateway.submit(buildReport(ticket, { ...wrong, anchors }).upload)).outcome).toBe('accepted');
  });

  it('does not burn a code for a report of which nothing opens', async () => {
    const code = await newCode();
    const report = buildReport(ticket, spec(code));
    const spoilt = report.batches.map((batch) => batch.map((byte, i) => (i === batch.length - 1 ? byte ^ 1 : byte)));
    const forged = uploadBody(code, ticket.enc, report.header, spoilt);
    expect(await codeOf(world.gateway.submit(forged))).toBe('report-unreadable');
    expect(await codeOf(world.gateway.submit(uploadBody(code, ticket.enc, report.header, [])))).toBe(
      'report-unreadable',
    );
    expect(await world.codes.check(world.store.db, code, world.now)).toBe('alive');
    expect((await world.gateway.submit(report.upload)).outcome).toBe('accepted');
  });

  it('accepts what is left when a courier has lost or spoilt some batches', async () => {
    const report = buildReport(ticket, spec(await newCode()));
    const code = await newCode();
    const full = buildReport(ticket, spec(code));
    const body = uploadBody(code, ticket.enc, full.header, [full.batches[0]!, report.batches[2]!]);
    expect((await world.gateway.submit(body)).outcome).toBe('accepted');
    expect(world.opened[0]!.counts).toMatchObject({ opened: 2, missing: 1 });
  });

  describe('of a log under two tickets', () => {
    let own: Ticket;
    beforeEach(async () => {
      own = await makeTicket(world.gatewayKey);
    });
    const encs = (...tickets: Ticket[]) => concat(tickets.map(({ enc }) => enc));
    /** Batches 40 to 42, of which the last is under the token's own ticket. */
    const spanning = (code: string, more: Partial<ReportSpec> = {}) =>
      spec(code, { firstIndex: 40, starts: [30, 42], ...more });
    const heard = async () =>
      (await readContacts(world.store.db, 'mixingContacts', 100)).map(({ ecc }) => ecc).sort((a, b) => a - b);

    it('counts both parts, with one receipt under the last ticket', async () => {
      const report = buildReport([ticket, own], spanning(await newCode()));
      expect((await world.gateway.submit(report.upload)).receipt).toEqual(report.receipt);
      expect(await heard()).toEqual([1, 2, 3, 99]);
      expect(world.opened[0]!.counts).toMatchObject({ opened: 3, missing: 0, bad: 0 });
      expect((await world.gateway.submit(report.upload)).outcome).toBe('repeated');
    });

    it('marks how far each ticket has counted', async () => {
      await world.gateway.submit(buildReport([ticket, own], spanning(await newCode())).upload);
      await drainPool(world.store.db);
      // The same batches again, and one more, under the second ticket alone and under both.
      const start = world.now - 900;
      const batches = [...spanning('').batches, { start, records: [honestRecord(50, start)] }];
      await world.gateway.submit(buildReport([ticket, own], spanning(await newCode(), { batches })).upload);
      expect(await heard()).toEqual([50]);
      await drainPool(world.store.db);
      const alone = { batches: batches.slice(2), firstIndex: 42, starts: [42] };
      await world.gateway.submit(buildReport(own, spec(await newCode(), alone)).upload);
      expect(await heard()).toEqual([]);
      const before = { batches: batches.slice(0, 2), firstIndex: 40, starts: [30] };
      await world.gateway.submit(buildReport(ticket, spec(await newCode(), before)).upload);
      expect(await heard()).toEqual([]);
    });

    it('counts what the second holds when a courier has spoilt the first', async () => {
      for (const first of [new Uint8Array(32), (await makeTicket(world.gatewayKey)).enc]) {
        await drainPool(world.store.db);
        world.opened.length = 0;
        own = await makeTicket(world.gatewayKey);
        const code = await newCode();
        const report = buildReport([ticket, own], spanning(code));
        const body = uploadBody(code, concat([first, own.enc]), report.header, report.batches);
        expect((await world.gateway.submit(body)).receipt).toEqual(report.receipt);
        expect(await heard()).toEqual([3, 99]);
        expect(world.opened[0]!.counts).toMatchObject({ opened: 1, bad: 2, missing: 2 });
        // The true one comes too late: this report has had its effect, and its code is burnt.
        expect((await world.gateway.submit(report.upload)).outcome).toBe('repeated');
      }
    });

    it('refuses one whose header is not under its last ticket, and burns nothing', async () => {
      const code = await newCode();
      const report = buildReport([ticket, own], spanning(code));
      for (const wrong of [encs(own, ticket), encs(ticket), encs(own), encs(own, own), encs(ticket, own, ticket)]) {
        const body = uploadBody(code, wrong, report.header, report.batches);
        expect(await codeOf(world.gateway.submit(body))).toBe('report-unreadable');
      }
      expect(await world.codes.check(world.store.db, code, world.now)).toBe('alive');
      expect((await world.gateway.submit(report.upload)).outcome).toBe('accepted');
    });

    it('refuses one of which no part opens: the token keeps its log', async () => {
      const code = await newCode();
      // All batches are under the first ticket, which is spoilt; the second has begun and has none.
      const report = buildReport([ticket, own], spanning(code, { starts: [30, 43] }));
      const body = uploadBody(code, concat([new Uint8Array(32), own.enc]), report.header, report.batches);
      expect(await codeOf(world.gateway.submit(body))).toBe('report-unreadable');
      expect((await world.gateway.submit(report.upload)).outcome).toBe('accepted');
      expect(await heard()).toEqual([1, 2, 3, 99]);
    });

    it('counts two that arrive together once each', async () => {
      const one = buildReport([ticket, own], spanning(await newCode()));
      const two = buildReport([ticket, own], spanning(await newCode()));
      const outcomes = await Promise.all([world.gateway.submit(one.upload), world.gateway.submit(two.upload)]);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
      expect(await heard()).toEqual([1, 2, 3, 99]);
    });

    it('counts one that arrives together with one of the second ticket alone once', async () => {
      // The walk of the first ticket is long: the other report is done while this one is under way.
      const both = spanning(await newCode(), { firstIndex: 40_000, starts: [0, 40_002] });
      const alone = { batches: both.batches.slice(2), firstIndex: 40_002, starts: [40_002] };
      const reports = [buildReport([ticket, own], both), buildReport(own, spec(await newCode(), alone))];
      await Promise.all(reports.map(({ upload }) => world.gateway.submit(upload)));
      // The neighbour of all three batches comes once for each of the two.
      expect(await heard()).toEqual([1, 2, 3, 99, 99]);
    });
  });

  it('answers dummies with receipts that look like others and does nothing', async () => {
    const body = uploadBody('', new Uint8Array(32).fill(5), new Uint8Array(96).fill(6), []);
    const [a, b] = [await world.gateway.submit(body), await world.gateway.submit(body)];
    expect(a.outcome).toBe('dummy');
    expect(a.receipt).toHaveLength(16);
    expect(a.receipt).not.toEqual(b.receipt);
    expect(await mixingPool(world.store.db)).toEqual({ reports: 0, since: 0 });
  });

  it('keeps to the contagious days (R53)', async () => {
    const code = await newCode();
    const old = world.now - 14 * 86_400;
    const batches = [old - 900, old + 60, world.now - 600].map((start, i) => ({
      start,
      records: [honestRecord(i + 1, start)],
    }));
    const future = { start: world.now + 600, records: [honestRecord(4, world.now + 600)] };
    await world.gateway.submit(buildReport(ticket, spec(code, { batches: [...batches, future] })).upload);
    const contacts = await readContacts(world.store.db, 'mixingContacts', 100);
    expect(contacts.map((contact) => contact.ecc).sort()).toEqual([2, 3]);
    expect(world.opened[0]!.dropped['outside-window']).toBe(2);
  });

  it('refuses what is no ticket and any hostile body by name', async () => {
    const report = buildReport(ticket, spec(await newCode()));
    const zero = uploadBody('ABCD2345', new Uint8Array(32), report.header, report.batches);
    expect(await codeOf(world.gateway.submit(zero))).toBe('report-unreadable');
    await fc.assert(
      fc.asyncProperty(fc.nat(report.upload.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const body = new Uint8Array(report.upload.subarray(0, -70));
        const padding = report.upload.subarray(-70);
        const mutated = new Uint8Array([...body, ...padding]);
        mutated[at % body.length]! ^= change;
        const code = await codeOf(world.gateway.submit(mutated));
        expect(['report-unreadable', 'code-mismatch', 'code-unknown', 'none', 'code-used']).toContain(code);
      }),
      { numRuns: 60 },
    );
  });

  it('releases at k reports or after the longest delay, all contacts at once, without an order', async () => {
    const delivered: Contact[] = [];
    const sink = {
      async deliver(_db: unknown, contacts: Contact[]) {
        delivered.push(...contacts);
      },
    };
    const release = () => releaseMixed(world.store, sink, world.parameters, () => world.now);
    expect(await release()).toBe(0);
    const report = async () => {
      const other = await makeTicket(world.gatewayKey);
      await world.gateway.submit(buildReport(other, spec(await newCode())).upload);
    };
    await report();
    await report();
    expect(await release()).toBe(0);
    expect(delivered).toHaveLength(0);
    await report();
    expect(await release()).toBe(3);
    expect(delivered).toHaveLength(12);
    expect(await countContacts(world.store.db, 'mixingContacts')).toBe(0);
    await report();
    world.now += 599;
    expect(await release()).toBe(0);
    world.now += 1;
    expect(await release()).toBe(1);
    expect(delivered).toHaveLength(16);
  });

  it('keeps the pool when the sink fails', async () => {
    await world.gateway.submit(buildReport(ticket, spec(await newCode())).upload);
    world.now += 600;
    const sink = { deliver: () => Promise.reject(new Error('full')) };
    await expect(releaseMixed(world.store, sink, world.parameters, () => world.now)).rejects.toThrow('full');
    expect(await countContacts(world.store.db, 'mixingContacts')).toBe(4);
    expect((await mixingPool(world.store.db)).reports).toBe(1);
  });

  it('keeps nothing that ties contacts to a report, a time or each other', async () => {
    const report = buildReport(ticket, spec(await newCode()));
    await world.gateway.submit(report.upload);
    const rows = await world.store.db.selectFrom('mixingContacts').selectAll().execute();
    expect(Object.keys(rows[0]!).sort()).toEqual(['ebid', 'ecc', 'hellos', 'id']);
    const ids = new Set(rows.map((row) => Buffer.from(row.id).toString('hex')));
    expect(ids.size).toBe(rows.length);
    const reportHash = createHash('sha256').update(report.reportId).digest('hex');
    for (const id of ids) expect(reportHash).not.toContain(id);
  });
});
