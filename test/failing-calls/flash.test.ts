/** The k-th call of a token's flash fails, for every k: the token goes on, and what it had acknowledged is there. */
import { describe, expect, it } from 'vitest';
import { TWIN_PAGE_SIZE } from '../../device/boards/twin/board.js';
import { type TwinFlash, twinFlash } from '../../device/boards/twin/flash.js';
import { fault, faultOf } from '../../device/faults.js';
import { GaletError } from '../../host/errors.js';
import { company } from '../support/company.js';
import { type Rig, rig, START } from '../support/fleet.js';

/** Pages enough for two refills and a short log. */
const PAGES = 20;
/** Batches that a token has sealed before an act. */
const SEALED = 3;
/** Of the calls of one act, at most so many are tried: all of them where there are fewer. */
const TRIED = 150;

interface Failing {
  flash: TwinFlash;
  /** Lets call number `call` from now fail, once; 0: none. */
  failAt(call: number): void;
  calls(): number;
}

function failing(chip: TwinFlash): Failing {
  let calls = 0;
  let failsAt = 0;
  const passed = <T>(act: () => T): T => {
    calls += 1;
    if (calls === failsAt) throw fault('flash-rule', 'this call fails');
    return act();
  };
  return {
    flash: {
      ...chip,
      erase: (page) => passed(() => chip.erase(page)),
      write: (address, data) => passed(() => chip.write(address, data)),
      read: (address, length) => passed(() => chip.read(address, length)),
      sync: (commit) => passed(() => chip.sync(commit)),
    },
    failAt(call) {
      failsAt = call === 0 ? 0 : calls + call;
    },
    calls: () => calls,
  };
}

interface Stage extends Failing {
  r: Rig;
}

async function ready(): Promise<Stage> {
  const port = failing(twinFlash(PAGES, TWIN_PAGE_SIZE));
  const r = rig(1, port.flash);
  await r.provision();
  r.advanceTo(START + 1000);
  await company(r, 3000);
  return { ...port, r };
}

/** The batches of a report with the wearer's consent. */
async function reported(r: Rig): Promise<{ firstBatch: number; batches: number }> {
  await r.link.ask('consent', { kind: 1, code: 'ABC' });
  r.board.press(3);
  return await r.link.ask('report', { code: 'ABC' });
}

const ACTS: Record<string, (r: Rig) => Promise<unknown>> = {
  'the sealing of an epoch': (r) => company(r, 1000),
  'a status and refill': (r) => r.visit({ riskLevel: 0, visitDays: 14 }),
  'a report': reported,
};

describe('a flash whose k-th call fails', () => {
  it.each(Object.entries(ACTS))('loses nothing in %s, and the next try succeeds (R10)', async (name, act) => {
    const whole = await ready();
    const before = whole.calls();
    await act(whole.r);
    const total = whole.calls() - before;
    const stride = Math.ceil(total / TRIED);
    let felt = 0;
    for (let call = 1; call <= total; call += stride) {
      const { r, failAt } = await ready();
      failAt(call);
      const failure: unknown = await act(r).then(
        () => undefined,
        (error: unknown) => error,
      );
      // What fails in work that nobody asked for starts the board again (boards/espruino/guard.ts); a visit is answered.
      if (faultOf(failure)) r.reboot();
      else if (failure !== undefined) expect(failure, `call ${call}`).toBeInstanceOf(GaletError);
      if (failure !== undefined || r.troubles.length > 0) felt += 1;
      expect(r.troubles, `call ${call}`).not.toContain('internal');
      failAt(0);
      r.advanceTo(r.timeline.now() + 30);
      await r.visit();
      const { firstBatch, batches } = await reported(r);
      expect([firstBatch, batches >= SEALED], `call ${call}`).toEqual([0, true]);
      expect(r.token.life()).toBe(1);
      r.token.stop();
    }
    console.log(`${name}: ${total} calls, one in ${stride} failed, ${felt} were felt`);
    expect(felt).toBeGreaterThan(0);
  });
});
