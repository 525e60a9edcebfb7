/**
 * An update in a visit, on the real interpreter: one is recorded from the first offer to the confirmation, and the power goes
 * after every flash operation of it. The board always starts the old image or the new one, whole as it was signed, and the
 * update goes on from there. `ESPRUINO` names the interpreter; `GALET_RESUMES=999` goes on to the end after every operation,
 * otherwise after so many of them, which `GALET_SEED` draws.
 */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { twinFlash } from '../../device/boards/twin/flash.js';
import { LIFE_TRACING } from '../../device/link/messages.js';
import { PAGE } from '../../device/update/objects.js';
import { selectImage } from '../../device/update/select.js';
import {
  beginSlot,
  FIRMWARE_PAGES,
  imageAddress,
  readSlot,
  setReady,
  slotRegion,
  TRIAL_SECONDS,
  TRIALS,
} from '../../device/update/slots.js';
import { versionNumber, versionText } from '../../device/update/versions.js';
import type { TokenLink } from '../../host/link/client.js';
import type { SignedObject } from '../../host/release/objects.js';
import { chance } from '../support/chance.js';
import { answer, GATEWAY_KEY, START } from '../support/fleet.js';
import { configuration, release, root } from '../support/release-keys.js';
import { bring, bringImage } from '../support/updates.js';
import { type Installed, STORAGE_BYTES } from './support/board.js';
import { deliver, plugIn, provision, UNIX_ZERO } from './support/counter.js';
import { type Operation, operationsOf, perform, readToken } from './support/flash-log.js';
import { ESPRUINO, type Interpreter, startInterpreter } from './support/interpreter.js';
import { SMALL_PAGES, smallFirmware } from './support/small-board.js';
import { firmwarePages } from './support/token-file.js';

const OLD = '0.2.0';
const NEW = '0.2.1';
const SEED = Number(process.env.GALET_SEED ?? Date.now() % 1_000_000);
const RESUMES = Number(process.env.GALET_RESUMES ?? 4);
const MORNING = START + 8 * 3600;
const REQUEST_STATUS = 2;
/** Bytes a second of the slowest link that there is. */
const LINK_RATE = 2500;
/** Long enough to be on air and to have listened. */
const HEALTHY_SECONDS = 20;

const script = (code: string): Uint8Array => new Uint8Array(Buffer.from(code, 'latin1'));

/** The version that a board with this Storage starts, and the bytes of its image. */
function starts(storage: Uint8Array): { version: string; bytes: Uint8Array } | undefined {
  const flash = twinFlash(FIRMWARE_PAGES, PAGE);
  flash.bytes.set(firmwarePages(storage));
  const { slot, image } = selectImage(flash);
  return image && { version: versionText(image.version), bytes: flash.read(imageAddress(slot), image.size) };
}

/** The same Storage with an image in slot 1 that the selector has to try. */
function withStaged(storage: Uint8Array, bytes: Uint8Array): Uint8Array {
  const changed = storage.slice();
  const flash = twinFlash(FIRMWARE_PAGES, PAGE);
  flash.bytes.set(firmwarePages(changed));
  const pages = slotRegion(flash, 1);
  const head = { version: versionNumber(NEW), size: bytes.length, expires: 0xffffffff, body: new Uint8Array(32) };
  beginSlot(pages, head, new Uint8Array(32));
  flash.bytes.set(bytes, imageAddress(1));
  setReady(pages);
  firmwarePages(changed).set(flash.bytes);
  return changed;
}

/** What slot 1 says of itself. */
function staged(storage: Uint8Array): ReturnType<typeof readSlot> {
  const flash = twinFlash(FIRMWARE_PAGES, PAGE);
  flash.bytes.set(firmwarePages(storage));
  return readSlot(slotRegion(flash, 1));
}

/** A visit in which the server orders the new version. */
async function order(board: Interpreter, link: TokenLink, ntp: number): Promise<void> {
  const request = await link.ask('request', { kind: REQUEST_STATUS, courierTime: Math.floor(ntp) });
  const kEnc = readToken(board.image(), SMALL_PAGES).facts.keys()?.kEnc;
  expect(await deliver(link, answer(request, ntp, { release: versionNumber(NEW) }, undefined, kEnc))).toBe(true);
}

describe.skipIf(ESPRUINO === undefined)(`an update on Espruino (GALET_SEED=${SEED})`, () => {
  let old: Installed;
  let image: Uint8Array;
  let signed: SignedObject;
  let first: Uint8Array;
  const operations: Operation[] = [];
  /** Each visit is a session of its own name. */
  let sessions = 1;

  function ntpOf(board: Interpreter, begun: number): number {
    return (board.reports.at(-1)?.at ?? begun) + UNIX_ZERO;
  }

  /** From wherever it stands to the confirmed new version, as a counter does it. */
  async function update(board: Interpreter, begun: number): Promise<number> {
    let sent = 0;
    const visit = async <T>(work: (link: TokenLink) => Promise<T>): Promise<T> => {
      const link = plugIn(board, ++sessions, (line) => {
        sent += line.length;
      });
      try {
        return await work(link);
      } finally {
        await link.close();
      }
    };
    const { firmware } = await visit((link) => link.ask('hello', {}));
    if (firmware === OLD) {
      const isOver = await visit(async (link) => {
        const { staged, pages, nextPage } = await link.ask('trust', {});
        if (staged === 0 || nextPage < pages) {
          expect(await bring(link, signed)).toBe(true);
          await bringImage(link, image);
        }
        // Requests are ten seconds apart.
        await board.pass(11);
        await order(board, link, ntpOf(board, begun));
        return (await link.ask('install', {})).seconds > 0;
      });
      expect(isOver).toBe(true);
      // The board starts again, which ends its process here.
      board.command({ t: 'pass', seconds: 5 });
      await board.ended;
      board.restart({ unix: ntpOf(board, begun) - UNIX_ZERO });
    }
    await visit(async (link) => {
      expect((await link.ask('hello', {})).firmware).toBe(NEW);
      await board.pass(HEALTHY_SECONDS);
      expect(await link.ask('trust', {})).toMatchObject({ running: versionNumber(NEW), trial: 0, staged: 0 });
    });
    return sent;
  }

  beforeAll(async () => {
    console.log(`updates: GALET_SEED=${SEED}`);
    old = await smallFirmware(OLD);
    image = script((await smallFirmware(NEW)).code);
    signed = release({ version: NEW, board: 'galet1', image, interpreter: '2v29' }).object;
    const unix = MORNING - UNIX_ZERO;
    const board = startInterpreter({ ...old, seed: 7, unix, speed: 0, log: true, sample: true }, STORAGE_BYTES);
    try {
      const link = plugIn(board);
      expect(await bring(link, root())).toBe(true);
      expect(await bring(link, configuration({ gatewayKey: GATEWAY_KEY }))).toBe(true);
      expect(await provision(link, MORNING)).toBe(true);
      await link.close();
      first = board.image();
      const seen = board.reports.length;
      await board.memory();
      const bytes = await update(board, unix);
      operations.push(...operationsOf(board.reports.slice(seen)));
      const { peak, own, total } = await board.memory();
      console.log(`${operations.length} operations, ${bytes} bytes to the token, ${Math.round(bytes / LINK_RATE)} s`);
      console.log(`peak after the restart ${peak - own} of ${total} blocks`);
      expect(board.reports.filter(({ t }) => t === 'trouble')).toEqual([]);
      expect(Buffer.from(starts(board.image())?.bytes ?? []).equals(image)).toBe(true);
    } finally {
      await board.close();
    }
  }, 900_000);

  it('starts the old image or the new one after every flash operation, whole as it was signed', async () => {
    const storage = first.slice();
    let isNew = false;
    for (const [n, operation] of operations.entries()) {
      perform(storage, operation);
      const found = starts(storage.slice());
      const where = `after operation ${n + 1} of ${operations.length}`;
      expect([OLD, NEW], where).toContain(found?.version);
      const wanted = found?.version === NEW ? image : script(old.code);
      expect(Buffer.compare(found?.bytes ?? new Uint8Array(), wanted), where).toBe(0);
      expect(isNew && found?.version === OLD, where).toBe(false);
      isNew = found?.version === NEW;
    }
    expect(isNew).toBe(true);
  });

  it('boots on the interpreter after every flash operation', async () => {
    const storage = first.slice();
    for (const [n, operation] of operations.entries()) {
      perform(storage, operation);
      const board = startInterpreter({ ...old, seed: 9, unix: operation.at, speed: 0, image: storage }, STORAGE_BYTES);
      const link = plugIn(board);
      try {
        const { firmware } = await link.ask('hello', {});
        expect(firmware, `after operation ${n + 1}`).toBe(starts(storage.slice())?.version);
      } finally {
        await link.close();
        await board.close();
      }
    }
  }, 1_800_000);

  it('goes on from where it was, and ends', async () => {
    const draw = chance(SEED);
    const chosen = operations.map((_, n) => n).filter(() => draw() * operations.length < RESUMES);
    const storage = first.slice();
    let done = 0;
    for (const n of chosen) {
      for (; done <= n; done++) perform(storage, operations[done] as Operation);
      const unix = Math.ceil(operations[n]?.at ?? 0);
      const board = startInterpreter({ ...old, seed: 9, unix, speed: 0, image: storage }, STORAGE_BYTES);
      try {
        await update(board, unix);
        expect(Buffer.from(starts(board.image())?.bytes ?? []).equals(image), `after operation ${n + 1}`).toBe(true);
      } finally {
        await board.close();
      }
    }
  }, 3_600_000);
});

describe.skipIf(ESPRUINO === undefined)('a new image on Espruino that is no good', () => {
  let old: Installed;
  /** A board that has lived: provisioned, with a log. */
  let lived: Uint8Array;
  let unix: number;
  let board: Interpreter | undefined;
  afterEach(() => board?.close());

  function start(storage: Uint8Array): Interpreter {
    board = startInterpreter({ ...old, seed: 9, unix, speed: 0, image: storage }, STORAGE_BYTES);
    return board;
  }

  /** What the image says in its first statement, as no other does. */
  function tried(running: Interpreter): Promise<void> {
    return new Promise((done) => running.onReport(({ t }) => t === 'tried' && done()));
  }

  /** The old image runs, the new one is never tried again, and nothing that the token knew is gone. */
  async function isAsBefore(running: Interpreter): Promise<void> {
    const link = plugIn(running);
    expect(await link.ask('hello', {})).toMatchObject({ firmware: OLD, life: LIFE_TRACING });
    await link.close();
    const storage = running.image();
    expect(staged(storage)).toMatchObject({ isFailed: true, isConfirmed: false });
    const [before, after] = [readToken(lived, SMALL_PAGES), readToken(storage, SMALL_PAGES)];
    expect(before.batches.size).toBeGreaterThan(0);
    for (const [index, batch] of before.batches) expect(after.batches.get(index)).toEqual(batch);
    expect(after.facts.keys()).toEqual(before.facts.keys());
  }

  beforeAll(async () => {
    old = await smallFirmware(OLD);
    unix = MORNING - UNIX_ZERO;
    const running = startInterpreter({ ...old, seed: 7, unix, speed: 0 }, STORAGE_BYTES);
    try {
      const link = plugIn(running);
      expect(await provision(link, MORNING)).toBe(true);
      await link.close();
      await running.around(3, 1);
      await running.epochs(3);
      unix = Math.ceil(running.reports.at(-1)?.at ?? unix);
      lived = running.image();
    } finally {
      await running.close();
    }
  }, 300_000);

  it.each([
    ['throws at its first statement', 'throw report({t:"tried"});'],
    ['loops for ever', 'for(report({t:"tried"});;);'],
  ])(
    'has three starts when it %s, and then the old one is back',
    async (_what, code) => {
      const running = start(withStaged(lived, script(code)));
      for (let left = TRIALS - 1; left >= 0; left--) {
        await tried(running);
        expect(staged(running.image())).toMatchObject({ trials: left, isFailed: false });
        // Nobody kicks the watchdog.
        await running.kill();
        running.restart();
      }
      await isAsBefore(running);
    },
    120_000,
  );

  it('is left after ten minutes when no counter has confirmed it, and the old one is back', async () => {
    const running = start(withStaged(lived, script((await smallFirmware(NEW)).code)));
    const link = plugIn(running);
    await running.pass(TRIAL_SECONDS - 10);
    expect(await link.ask('hello', {})).toMatchObject({ firmware: NEW, life: LIFE_TRACING });
    await link.close();
    running.command({ t: 'pass', seconds: 20 });
    await running.ended;
    running.restart({ unix: unix + TRIAL_SECONDS });
    await isAsBefore(running);
  }, 240_000);
});
