import { describe, expect, it } from 'vitest';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { mountJournal } from '../../device/log/journal.js';
import { region } from '../../device/log/region.js';
import { type Answer, factsOf, type Keys, type Tickets } from '../../device/token/facts.js';

const bytes = (value: number): Uint8Array => new Uint8Array(32).fill(value);

const ANSWER: Answer = {
  key: bytes(1),
  head: {
    time: 3_981_398_400,
    timeMillis: 5,
    riskLevel: 0,
    contactDay: 0,
    orders: 0,
    endTime: 0,
    serviceStart: 3_799_958_400,
    firstDay: 46_081,
    dayCount: 22,
    visitDays: 7,
    phone: '0800 130 000',
    wipeNonce: new Uint8Array(16),
    release: 0,
  },
  place: 1,
  fix: { timeline: 3, rtc: 12.5, ntp: 3_981_398_400.25, rate: 0 },
  signalAt: 0,
  anchors: [],
};
const KEYS: Keys = { kAuth: bytes(2), kEnc: bytes(3), gatewayKey: bytes(4) };

function counted() {
  const chip = twinFlash(2, 4096);
  const flash = region(chip, 0, 2);
  let reads = 0;
  const counting = region(
    {
      ...chip,
      read(address, length) {
        reads++;
        return chip.read(address, length);
      },
    },
    0,
    2,
  );
  return { facts: factsOf(mountJournal(counting)), again: () => factsOf(mountJournal(flash)), reads: () => reads };
}

describe('what a token remembers', () => {
  it('is the same after a reset', () => {
    const { facts, again } = counted();
    const ticket = (value: number, start: number) => ({
      enc: bytes(value),
      header: bytes(value + 1),
      receipt: bytes(value + 2),
      start,
    });
    const pending = { state: bytes(9), index: 70_000, records: 80_000 };
    const host: Tickets = { own: false, previous: undefined, current: ticket(10, 0), pending: undefined };
    const own: Tickets = { own: true, previous: ticket(10, 0), current: ticket(20, 70_000), pending };
    for (const tickets of [host, { ...host, pending }, own, { ...own, pending: undefined }]) {
      facts.setTickets(tickets, 'test');
      expect(again().tickets()).toEqual(tickets);
    }
    const known = { purpose: 2, secret: bytes(5), enc: bytes(6), ladder: new Uint8Array(160).fill(7) };
    for (const making of [{ ...known, enc: new Uint8Array(0), ladder: new Uint8Array(0) }, known]) {
      facts.setMaking(making);
      expect(again().making()).toEqual(making);
    }
    facts.setKeys(KEYS, 'test');
    facts.setAnswer(ANSWER);
    expect(again().keys()).toEqual(KEYS);
    expect(again().answer()).toEqual(ANSWER);
  });

  it('reads an answer from flash once, until there is another or none', () => {
    const { facts, reads } = counted();
    facts.setAnswer(ANSWER);
    expect(facts.answer()).toEqual(ANSWER);
    const before = reads();
    expect(facts.answer()).toEqual(ANSWER);
    expect(reads()).toBe(before);
    facts.setAnswer({ ...ANSWER, signalAt: 77 });
    expect(facts.answer()?.signalAt).toBe(77);
    facts.setAnswer({ ...ANSWER, signalAt: 88 }, KEYS);
    expect(facts.answer()?.signalAt).toBe(88);
    facts.forgetAllBut({ running: 0, ended: 0, proof: bytes(0) });
    expect(facts.answer()).toBeUndefined();
  });

  it('has a share until it is used, and then remembers that there was one', () => {
    const { facts, again } = counted();
    const share = { enc: bytes(5), kAuth: bytes(6), kEnc: bytes(7) };
    expect(facts.hasShared()).toBe(false);
    facts.setMaking({ purpose: 2, secret: bytes(8), enc: bytes(5), ladder: new Uint8Array(0) });
    facts.setShare(share);
    expect(again().share()).toEqual(share);
    expect(again().making()).toBeUndefined();
    facts.setAnswer(ANSWER, { ...KEYS, kAuth: share.kAuth, kEnc: share.kEnc });
    expect(again().share()).toBeUndefined();
    expect(again().hasShared()).toBe(true);
    expect(again().keys()?.kAuth).toEqual(share.kAuth);
  });
});
