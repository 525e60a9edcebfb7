/** The token's own tickets and key shares (docs/spec/seal.md): made when nothing else is due, whatever interrupts. */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TWIN_PAGE_SIZE } from '../../device/boards/twin/board.js';
import { isPowerCut, twinFlash } from '../../device/boards/twin/flash.js';
import { u32At } from '../../device/bytes.js';
import { decode, type Value } from '../../device/link/cbor.js';
import { parseAdvert } from '../../device/robert/advert.js';
import { buildHello, parseHello } from '../../device/robert/hello.js';
import { ORDER_ERASE, ORDER_RENEWED } from '../../device/seal/answer.js';
import { shortHmac } from '../../device/seal/hmac.js';
import { batchKey, nextState, type TicketKeys, ticketKeys } from '../../device/seal/ratchet.js';
import { open } from '../../device/seal/seal.js';
import { wipeProof } from '../../device/token/wipe.js';
import { createDecapsulator } from '../../host/backend/admin/hpke.js';
import { createTicketOpener } from '../../host/backend/gateway/tickets.js';
import { nodeDigest } from '../../host/crypto.js';
import { attack } from '../../tools/attack/attack.js';
import { BoardClock, type Timeline } from '../../tools/simulate/timeline.js';
import { chance } from '../support/chance.js';
import { company } from '../support/company.js';
import { answer, ENC, GATEWAY_PAIR, K_AUTH, K_ENC, type Rig, rig, SECRET, START } from '../support/fleet.js';

/** What a multiplication costs and who counts it: a board takes its time where this machine takes none. */
const work = vi.hoisted(() => ({ steps: 0, onStep: () => {} }));

vi.mock('../../device/seal/x25519.js', async (original) => {
  const real = await original<typeof import('../../device/seal/x25519.js')>();
  return {
    ...real,
    createLadder: (...parts: Parameters<typeof real.createLadder>) => {
      const ladder = real.createLadder(...parts);
      return {
        ...ladder,
        step: () => {
          work.steps += 1;
          work.onStep();
          return ladder.step();
        },
      };
    },
  };
});

beforeEach(() => {
  work.steps = 0;
  work.onStep = () => {};
});

const rigs: Rig[] = [];

/** So that no token of this test works on during the next. */
function tracked(r: Rig): Rig {
  rigs.push(r);
  return r;
}

afterEach(() => {
  vi.restoreAllMocks();
  for (const r of rigs.splice(0)) {
    r.token.stop();
    r.timeline.pause();
  }
});

/** Pages enough for two refills and a short log. */
const PAGES = 20;
const SHARE_STEPS = 2 * (255 * 10 + 266);
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const openTicket = await createTicketOpener(GATEWAY_PAIR);
const openShare = await createDecapsulator(GATEWAY_PAIR, 'galet keys v1');

function busy(timeline: Timeline, seconds: number): void {
  // The processor is taken: time passes, and what falls due waits.
  (timeline as unknown as { time: number }).time += seconds;
}

async function provisioned(onCommit?: (name: string) => void): Promise<Rig> {
  const r = tracked(rig(1, twinFlash(PAGES, TWIN_PAGE_SIZE, onCommit)));
  await r.provision();
  return r;
}

/** A token whose own ticket and share are made; half an hour old. */
async function settled(): Promise<Rig> {
  const r = await provisioned();
  r.advanceTo(START + 1800);
  expect(work.steps).toBe(2 * SHARE_STEPS);
  return r;
}

/** The very token at this moment, on a chip of its own. */
function twinOf(r: Rig): Rig {
  const chip = twinFlash(PAGES, TWIN_PAGE_SIZE);
  chip.bytes.set(r.flash.bytes);
  return tracked(rig(2, chip, r.timeline.now()));
}

interface Opened {
  /** Index of every batch that opened. */
  batches: number[];
  encs: Uint8Array[];
  starts: number[];
  reportId: Uint8Array;
  lastBatch: number;
  receipt: Uint8Array;
}

/** Consents, fetches, and opens what came as the gateway does; every batch has to open under its ticket. */
async function report(r: Rig, code: string): Promise<Opened> {
  const { state } = await r.link.ask('consent', { kind: 1, code });
  if (state !== 2) r.board.press(3);
  return fetched(r, code);
}

async function fetched(r: Rig, code: string): Promise<Opened> {
  const header = await r.link.ask('report', { code });
  const encs = [header.encs.subarray(0, 32), header.encs.subarray(32)].filter((enc) => enc.length === 32);
  const keys: TicketKeys[] = [];
  for (const enc of encs) keys.push(hex(enc) === hex(ENC) ? ticketKeys(nodeDigest, SECRET) : (await openTicket(enc))!);
  const last = keys[keys.length - 1]!;
  const plain = open(nodeDigest, last.header, header.reportId, header.header.subarray(16), 16);
  const fields = decode(plain!) as Value[];
  expect(fields.length).toBe(10);
  const starts = fields[9] as number[];
  expect(starts.length).toBe(encs.length);

  const batches: number[] = [];
  for await (const chunk of r.link.fetch(0)) {
    for (let at = 0; at < chunk.length; ) {
      const length = 8 + ((chunk[at + 6]! << 8) | chunk[at + 7]!) + 8;
      const index = u32At(chunk, at + 8);
      const ticket = starts.filter((start) => start <= index).length - 1;
      let ratchet = keys[ticket]!.state;
      for (let i = starts[ticket]!; i < index; i++) ratchet = nextState(nodeDigest, ratchet);
      const context = new Uint8Array([...chunk.subarray(at + 4, at + 12), ...chunk.subarray(at, at + 4)]);
      const sealed = chunk.slice(at + 12, at + 4 + length);
      expect(open(nodeDigest, batchKey(nodeDigest, ratchet), context, sealed, 8), `batch ${index}`).toBeDefined();
      batches.push(index);
      at += 4 + length;
    }
  }
  const receipt = shortHmac(nodeDigest, last.receipt, [new TextEncoder().encode('receipt'), header.reportId], 16);
  return { batches, encs, starts, reportId: header.reportId, lastBatch: header.lastBatch, receipt };
}

const upTo = (last: number, first = 0): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

describe('the own ticket', () => {
  it('takes the place of the one that the host made, and the log goes on under it', async () => {
    const r = await settled();
    await company(r, 3600);
    const own = await report(r, 'ABC');
    expect(own.encs.length).toBe(1);
    expect(hex(own.encs[0]!)).not.toBe(hex(ENC));
    expect(own.starts).toEqual([0]);
    expect(own.batches).toEqual(upTo(own.lastBatch));
    expect(own.batches.length).toBeGreaterThan(3);
  });

  it('spans a report with the one before: each batch opens under its own', async () => {
    const r = await provisioned();
    work.onStep = () => busy(r.timeline, 2); // too slow to be done before two hours have passed
    await company(r, 7200);
    work.onStep = () => {};
    r.advanceTo(r.timeline.now() + 1800);
    await company(r, 3600);
    const both = await report(r, 'ABC');
    expect(both.encs.map(hex)[0]).toBe(hex(ENC));
    expect(both.starts[0]).toBe(0);
    expect(both.starts[1]).toBeGreaterThan(3);
    expect(both.lastBatch).toBeGreaterThan(both.starts[1]!);
    expect(both.batches).toEqual(upTo(both.lastBatch));
    r.reboot();
    expect(await fetched(r, 'ABC')).toEqual(both);
    await r.link.ask('receipt', { reportId: both.reportId, mac: both.receipt });
  });

  it('is followed by another once a report of it has its receipt, and not before', async () => {
    const r = await settled();
    await company(r, 3600);
    const first = await report(r, 'ONE');
    r.advanceTo(r.timeline.now() + 7200);
    expect(work.steps).toBe(2 * SHARE_STEPS);
    await r.link.ask('receipt', { reportId: first.reportId, mac: first.receipt });
    r.advanceTo(r.timeline.now() + 1800);
    expect(work.steps).toBe(3 * SHARE_STEPS);
    // The receipt may be told again, under the ticket that is the one before by now.
    await r.link.ask('receipt', { reportId: first.reportId, mac: first.receipt });
    await company(r, 3600);
    const second = await report(r, 'TWO');
    expect(second.starts).toEqual([first.lastBatch + 1]);
    expect(second.batches).toEqual(upTo(second.lastBatch, first.lastBatch + 1));
    r.advanceTo(r.timeline.now() + 7200);
    expect(work.steps).toBe(3 * SHARE_STEPS);
  });

  it('stays while batches of the one before wait to be reported', async () => {
    const r = await settled();
    await company(r, 3600);
    const first = await report(r, 'ONE');
    await company(r, 3600); // under the same ticket, and not in the report
    await r.link.ask('receipt', { reportId: first.reportId, mac: first.receipt });
    r.advanceTo(r.timeline.now() + 1800);
    await company(r, 3600);
    const second = await report(r, 'TWO');
    expect(second.encs.map(hex)[0]).toBe(hex(first.encs[0]!));
    expect(second.starts.length).toBe(2);
    expect(second.batches).toEqual(upTo(second.lastBatch, first.lastBatch + 1));
    expect(work.steps).toBe(3 * SHARE_STEPS);
    await r.link.ask('receipt', { reportId: second.reportId, mac: second.receipt });
    r.advanceTo(r.timeline.now() + 1800);
    expect(work.steps).toBe(4 * SHARE_STEPS);
  });

  it('keeps a report that awaits its receipt as it was, when it is ready in between', async () => {
    const r = await provisioned();
    work.onStep = () => busy(r.timeline, 2);
    await company(r, 3600);
    const before = await report(r, 'ABC');
    expect(before.encs.map(hex)).toEqual([hex(ENC)]);
    work.onStep = () => {};
    r.advanceTo(r.timeline.now() + 3600);
    await company(r, 3600);
    expect(await fetched(r, 'ABC')).toEqual(before);
    await r.link.ask('receipt', { reportId: before.reportId, mac: before.receipt });
    expect((await report(r, 'NEW')).batches[0]).toBe(before.lastBatch + 1);
  });
});

describe('a dump of the flash', () => {
  it('opens no batch, under whichever ticket it was sealed', async () => {
    const r = await provisioned();
    work.onStep = () => busy(r.timeline, 2);
    await company(r, 3600);
    work.onStep = () => {};
    r.advanceTo(r.timeline.now() + 3600);
    await company(r, 3600);
    const image = new Uint8Array(r.flash.bytes);
    const found = attack(image, new Uint8Array(0), undefined, TWIN_PAGE_SIZE);
    expect(found).toMatchObject({ opened: [], passed: true });
    expect(found.batches).toBeGreaterThan(6);
    // The positive control: the state that stands there opens what follows.
    await company(r, 1800);
    const later = attack(image, new Uint8Array(0), new Uint8Array(r.flash.bytes), TWIN_PAGE_SIZE);
    expect(later.later.length).toBeGreaterThan(0);
    expect(later.laterOpened).toEqual(later.later);
  });
});

describe('a share in the making', () => {
  it('delays nothing on a board where one multiplication takes 0.1 s', async () => {
    let radio: Rig['radio'] | undefined;
    let late = 0;
    let used = 0;
    const after = BoardClock.prototype.after;
    vi.spyOn(BoardClock.prototype, 'after').mockImplementation(function (this: BoardClock, seconds, callback) {
      const due = this.monotonic() + seconds;
      return after.call(this, seconds, () => {
        const began = this.monotonic();
        const before = [radio?.windows, radio?.adverts.length, radio?.onAir].join();
        callback();
        if ([radio?.windows, radio?.adverts.length, radio?.onAir].join() === before) return;
        used += 1;
        late = Math.max(late, began - due);
      });
    });
    const mine = /^(share|ticket|ratchet\.begin|journal\.turned)/;
    let timeline: Timeline | undefined;
    const r = await provisioned((name) => {
      if (timeline && mine.test(name)) busy(timeline, 0.8);
    });
    work.onStep = () => busy(r.timeline, 0.1);
    timeline = r.timeline;
    radio = r.radio;
    r.advanceTo(START + 5400);
    expect(work.steps).toBe(2 * SHARE_STEPS);
    expect(used).toBeGreaterThan(5400 / 15 + 5400 / 15);
    expect(late).toBeLessThan(1e-3);
  });

  it('rests while somebody is at the counter, and ten seconds longer', async () => {
    const r = await provisioned();
    work.onStep = () => busy(r.timeline, 0.1);
    r.advanceTo(START + 200);
    expect(work.steps).toBeGreaterThan(100);
    await r.link.ask('hello', {});
    const before = work.steps;
    r.advanceTo(r.timeline.now() + 9.5);
    expect(work.steps).toBe(before);
    r.advanceTo(r.timeline.now() + 20);
    expect(work.steps).toBeGreaterThan(before);
  });

  it('goes on after resets from its latest checkpoint', async () => {
    const r = await provisioned();
    work.onStep = () => busy(r.timeline, 0.1);
    let resets = 0;
    const isDone = async (): Promise<boolean> =>
      (await r.link.ask('request', { kind: 2, courierTime: 1 })).share.length > 0;
    for (; resets < 40 && !(await isDone()); resets++) {
      r.advanceTo(r.timeline.now() + 200);
      r.reboot();
    }
    expect(resets).toBeGreaterThan(8);
    expect(resets).toBeLessThan(40);
    // At most a tenth of a share was done again for each reset.
    expect(work.steps).toBeLessThan(2 * SHARE_STEPS + resets * (SHARE_STEPS / 10 + 64));
    await company(r, 1800);
    const own = await report(r, 'ABC');
    expect(own.batches).toEqual(upTo(own.lastBatch));
  });

  it('leaves no copy of what it was made from, once it is made', async () => {
    const r = await provisioned();
    work.onStep = () => busy(r.timeline, 0.1);
    // The journal's record of kind 8 holds the ephemeral secret 8 bytes after its kind.
    const secrets = new Set<string>();
    for (let t = 0; t < 3600; t += 20) {
      r.advanceTo(r.timeline.now() + 20);
      const pages = r.flash.bytes.subarray(0, 2 * TWIN_PAGE_SIZE);
      for (let at = 0; at + 40 <= pages.length; at += 4) {
        const isMaking = pages[at] === 8 && pages[at + 1] === 1 && (pages[at + 4] === 1 || pages[at + 4] === 2);
        if (isMaking && pages[at + 6] === 0 && pages[at + 7] === 0) secrets.add(hex(pages.slice(at + 8, at + 40)));
      }
    }
    expect(work.steps).toBe(2 * SHARE_STEPS);
    expect(secrets.size).toBe(2);
    const image = hex(r.flash.bytes);
    for (const secret of secrets) expect(image.includes(secret)).toBe(false);
  });

  it('is given up, and told, when the pinned key is of low order; the token lives on with the host-made ticket', async () => {
    const r = tracked(rig(1, twinFlash(PAGES, TWIN_PAGE_SIZE)));
    const nonce = new Uint8Array(16);
    const gatewayKey = new Uint8Array(32);
    await r.link.ask('provision', { kAuth: K_AUTH, kEnc: K_ENC, enc: ENC, secret: SECRET, nonce, gatewayKey });
    await r.deliver(answer({ nonce, mac: new Uint8Array(32) }, r.timeline.now()));
    await company(r, 3600);
    expect(r.troubles).toEqual(['key-refused']);
    expect(work.steps).toBe(SHARE_STEPS);
    expect((await report(r, 'ABC')).encs.map(hex)).toEqual([hex(ENC)]);
  });
});

describe('a power cut', () => {
  /** Runs until `seconds` have passed or the power is gone. */
  function runs(r: Rig, seconds: number): boolean {
    try {
      r.advanceTo(r.timeline.now() + seconds);
      return true;
    } catch (thrown) {
      if (!isPowerCut(thrown)) throw thrown;
      r.timeline.live(() => {});
      return false;
    }
  }

  it('at any moment of making ticket and share loses no batch, and ends with both after all', async () => {
    const first = await provisioned();
    work.onStep = () => busy(first.timeline, 2);
    await company(first, 1900);
    work.onStep = () => {};
    // Every twin begins at the very moment of the first: else the later ones, in real time, make fewer operations.
    first.timeline.pause();
    const whole = twinOf(first);
    const before = whole.flash.operations();
    runs(whole, 600);
    const total = whole.flash.operations() - before;
    expect(total).toBeGreaterThan(800);
    const outcomes = { host: 0, own: 0 };
    for (let operation = 1; operation <= total; operation += 7) {
      const r = twinOf(first);
      r.flash.cutAt(operation, chance(operation)(), chance(operation + 1));
      expect(runs(r, 600), `cut ${operation}`).toBe(false);
      r.reboot();
      await company(r, 48);
      const ready = await report(r, 'ABC');
      expect(ready.batches).toEqual(upTo(ready.lastBatch));
      outcomes[ready.encs.length === 1 ? 'host' : 'own'] += 1;
      r.advanceTo(r.timeline.now() + 600);
      await company(r, 24);
      const later = await report(r, 'XYZ');
      expect(later.encs.length).toBe(2);
      expect(later.batches).toEqual(upTo(ready.lastBatch + 1));
      expect((await r.link.ask('request', { kind: 2, courierTime: 1 })).share.length).toBe(32);
    }
    expect(outcomes.host).toBeGreaterThan(20);
    expect(outcomes.own).toBeGreaterThan(20);
  }, 120_000);
});

describe('new keys', () => {
  const mac = (key: Uint8Array, ...parts: (Uint8Array | string)[]): Uint8Array => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return new Uint8Array(hmac.digest());
  };

  interface Renewed {
    kAuth: Uint8Array;
    kEnc: Uint8Array;
  }

  /** What the server makes of a share. */
  async function derived(share: Uint8Array): Promise<Renewed> {
    const secret = (await openShare(share))!;
    return { kAuth: mac(secret, 'galet auth'), kEnc: mac(secret, 'galet enc') };
  }

  const ask = (r: Rig, kind = 2) => r.link.ask('request', { kind, courierTime: 77 });

  /** The MAC that a request made under `kAuth` carries. */
  function requestMac(kAuth: Uint8Array, kind: number, request: { ebid: Uint8Array; epochId: number }): Uint8Array {
    const fields = new Uint8Array(17);
    const view = new DataView(fields.buffer);
    fields[0] = kind;
    fields.set(request.ebid, 1);
    view.setUint32(9, request.epochId);
    view.setUint32(13, 77);
    return mac(kAuth, fields);
  }

  it('are offered with each status request until the server says that it has them', async () => {
    const r = await settled();
    const first = await ask(r);
    expect(first.share.length).toBe(32);
    expect(first.mac).toEqual(requestMac(K_AUTH, 2, first));
    expect(first.shareMac).toEqual(mac(K_AUTH, 'galet renew', first.share, first.mac));
    await r.deliver(answer(first, r.timeline.now())); // the courier dropped the share
    r.advanceTo(r.timeline.now() + 20);
    const second = await ask(r);
    expect(second.share).toEqual(first.share);
    expect(second.mac).toEqual(requestMac(K_AUTH, 2, second));
    await r.deliver(answer(second, r.timeline.now(), { orders: ORDER_RENEWED }));
    r.advanceTo(r.timeline.now() + 20);
    const third = await ask(r);
    const { kAuth, kEnc } = await derived(first.share);
    expect(third).toMatchObject({ share: new Uint8Array(0), shareMac: new Uint8Array(0) });
    expect(third.mac).toEqual(requestMac(kAuth, 2, third));
    expect(await r.deliver(answer(third, r.timeline.now(), {}, undefined, kEnc))).toBe(true);
    // Nothing of the old ones is left, and there are no third ones.
    for (const old of [K_AUTH, K_ENC]) expect(hex(r.flash.bytes).includes(hex(old))).toBe(false);
    r.advanceTo(r.timeline.now() + 7200);
    expect(work.steps).toBe(2 * SHARE_STEPS);
    r.reboot();
    expect((await ask(r)).share.length).toBe(0);
  });

  it('are what its HELLOs are made with from then on', async () => {
    const r = await settled();
    const { kAuth } = await derived((await ask(r)).share);
    r.advanceTo(r.timeline.now() + 20);
    await r.visit({ orders: ORDER_RENEWED });
    r.advanceTo(r.timeline.now() + 60);
    const { payload } = r.radio.adverts[r.radio.adverts.length - 1]!;
    const { hello } = parseAdvert(payload)!;
    const { time16 } = parseHello(hello)!;
    const ntp = Math.floor(r.timeline.now() / 0x10000) * 0x10000 + time16;
    const remade = buildHello(nodeDigest, kAuth, hello[0]!, hello.subarray(1, 9), ntp);
    expect(hex(remade)).toBe(hex(hello));
  });

  it('are not offered with a wish to be forgotten', async () => {
    const r = await settled();
    await r.link.ask('consent', { kind: 2, code: '' });
    r.board.press(3);
    const request = await ask(r, 3);
    expect(request).toMatchObject({ share: new Uint8Array(0), shareMac: new Uint8Array(0) });
  });

  it('are not taken up by a token that is to erase itself: it proves that by the keys of the order', async () => {
    const r = await settled();
    const wipeNonce = new Uint8Array(16).fill(7);
    await r.visit({ orders: ORDER_RENEWED | ORDER_ERASE, wipeNonce });
    expect(await r.link.ask('wipeProof', {})).toEqual({ proof: wipeProof(nodeDigest, K_AUTH, wipeNonce) });
    const image = hex(r.flash.bytes.subarray(2 * TWIN_PAGE_SIZE));
    expect(image).toBe('ff'.repeat(image.length / 2));
    // The next bearer's token makes its own again.
    await r.provision();
    r.advanceTo(r.timeline.now() + 1800);
    expect(work.steps).toBe(4 * SHARE_STEPS);
  });

  it('come with the answer that renews them, or not at all, wherever the power is cut', async () => {
    const first = await settled();
    const renew = (r: Rig) => r.visit({ orders: ORDER_RENEWED });
    const whole = twinOf(first);
    const before = whole.flash.operations();
    await renew(whole);
    const total = whole.flash.operations() - before;
    const outcomes = { old: 0, fresh: 0 };
    for (let operation = total - 400; operation <= total; operation += operation < total - 20 ? 17 : 1) {
      const r = twinOf(first);
      r.flash.cutAt(operation, chance(operation)(), chance(operation + 1));
      await renew(r).catch(() => {});
      r.reboot();
      r.advanceTo(r.timeline.now() + 20);
      const request = await ask(r);
      if (request.share.length === 32) {
        outcomes.old += 1;
        expect(request.mac).toEqual(requestMac(K_AUTH, 2, request));
        expect(await r.deliver(answer(request, r.timeline.now()))).toBe(true);
      } else {
        outcomes.fresh += 1;
        for (const old of [K_AUTH, K_ENC]) expect(hex(r.flash.bytes).includes(hex(old))).toBe(false);
      }
    }
    expect(outcomes.old).toBeGreaterThan(20);
    expect(outcomes.fresh).toBeGreaterThan(0);
  }, 120_000);
});
