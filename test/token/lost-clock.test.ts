import { describe, expect, it } from 'vitest';
import { TWIN_PAGE_SIZE, twinBoard } from '../../device/boards/twin/board.js';
import type { TwinFlash } from '../../device/boards/twin/flash.js';
import { LIFE_SILENT } from '../../device/link/messages.js';
import { startToken, type Token } from '../../device/token/token.js';
import { nodeDigest } from '../../host/crypto.js';
import { batchesIn } from '../../tools/attack/image.js';
import { chance, seededRandom } from '../support/chance.js';
import { company } from '../support/company.js';
import { type Rig, rig } from '../support/fleet.js';

function boot({ clock, radio }: Rig, flash: TwinFlash): Token {
  return startToken(twinBoard({ digest: nodeDigest, random: seededRandom(2), clock, radio, flash }).ports);
}

describe('a lost clock', () => {
  it.each([
    1, 2, 5, 7,
  ])('is still known to be lost after a reset at flash operation %i of writing it down', async (operation) => {
    const r = rig();
    await r.provision();
    await company(r, 1800);
    r.advanceTo(r.timeline.now() + 1800);
    r.token.stop();
    const flash = r.flash.afterReset();
    flash.cutAt(operation, 0.5, chance(operation));
    r.clock.losePower();
    expect(() => boot(r, flash)).toThrow('power cut');
    const batches = batchesIn(flash.bytes, TWIN_PAGE_SIZE).length;
    expect(batches).toBeGreaterThan(1);
    // A reset this time: the real-time clock goes on from wherever it was set to.
    const after = flash.afterReset();
    expect(boot(r, after).life()).toBe(LIFE_SILENT);
    expect(batchesIn(after.bytes, TWIN_PAGE_SIZE)).toHaveLength(batches);
  });
});
