import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildAdvert } from '../../device/robert/advert.js';
import type { Happening } from '../../tools/simulate/chronicle.js';
import { type Ending, Guard } from '../../tools/simulate/invariants.js';
import type { PersonRecord } from '../../tools/simulate/record.js';

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
/** An advert of `who` from address `address`, with identifier `ebid`. */
function advert(address: number, ebid: number, who = 'a'): Happening {
  return { what: 'advert', who, address: bytes(6, address), payload: buildAdvert(bytes(16, ebid), 0) };
}
const silent: Happening = { what: 'silent', who: 'a' };

/** Shows a guard happenings, one each `pause` seconds. */
function shown(happenings: Happening[], pause = 5): () => void {
  return () => {
    const guard = new Guard();
    for (const [i, happening] of happenings.entries()) guard.see({ at: 1000 + i * pause, ...happening });
  };
}

function endsWith(ending: Partial<Ending>, happenings: Happening[] = []): () => void {
  return () => {
    const guard = new Guard();
    for (const happening of happenings) guard.see({ at: 1, ...happening });
    guard.end({ people: [], courierFolders: [], waiting: 0, now: 2, ...ending });
  };
}

const person = (verdict: PersonRecord['verdict'], isWarned: boolean): PersonRecord => ({
  ...{ name: 'a', role: 'resident', isPositive: false, score: 30, verdict, isWarned },
  ...{ windows: 0, hellos: 0, flashOperations: 0, batches: 0 },
});

describe('what must hold in every world', () => {
  it('holds in an ordinary day', () => {
    shown([advert(1, 1), advert(1, 1), silent, advert(2, 2), { what: 'consented', who: 'a' }])();
    endsWith({ people: [person('warn', true), person('spare', false), person('borderline', true)] })();
  });

  it.each<[string, Happening[]]>([
    ['R18 is broken: a: old address, new identifier', [advert(1, 1), advert(1, 2)]],
    ['R18 is broken: a: old identifier, new address', [advert(1, 1), silent, advert(2, 1)]],
    ['R20 is broken', [advert(1, 1), advert(2, 2)]],
    [
      'R29 is broken: b says an identifier of a',
      [advert(1, 1), { what: 'reset', who: 'a', lostPower: false }, advert(1, 1, 'b')],
    ],
    ['R37 is broken', [{ what: 'report-kept', who: 'a', kiosk: 'k', report: 'r' }]],
    ['R10 is broken', [{ what: 'trouble', who: 'a', fault: 'internal' }]],
  ])('is found broken: %s', (message, happenings) => {
    expect(shown(happenings)).toThrow(message);
  });

  it('finds an identifier that is too long on the air (R29)', () => {
    expect(shown([advert(1, 1), advert(1, 1)], 906)).toThrow('R29 is broken: a: an identifier for 906 s');
    expect(shown([silent, advert(1, 1), silent, advert(2, 2)], 0.5)).toThrow('R20 is broken');
  });

  it('takes a new address within an epoch from a token that has started anew, and from no other', () => {
    shown([advert(1, 1), { what: 'reset', who: 'a', lostPower: false }, advert(2, 1)])();
  });

  it.each<[string, Partial<Ending>]>([
    ['R71 is broken: a is not warned (score 30.0)', { people: [person('warn', false)] }],
    ['R71 is broken: a is warned for nothing (score 30.0)', { people: [person('spare', true)] }],
    ['R9 is broken: 2 reports still wait at a counter', { waiting: 2 }],
  ])('is found broken at the end: %s', (message, ending) => {
    expect(endsWith(ending)).toThrow(message);
  });

  it('finds an identifier in what a counter keeps (R41)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'galet-courier-'));
    try {
      const heard: Happening = { ...advert(1, 9), what: 'heard', who: 'b', from: 'a', rssi: -60 } as Happening;
      writeFileSync(join(folder, 'outbox.db'), Buffer.concat([bytes(50, 1), bytes(7, 9)]));
      endsWith({ courierFolders: [folder] }, [heard])();
      writeFileSync(join(folder, 'outbox.db'), Buffer.concat([bytes(50, 1), bytes(8, 9)]));
      expect(endsWith({ courierFolders: [folder] }, [heard])).toThrow(
        'R41 is broken: outbox.db: an identifier in clear',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
