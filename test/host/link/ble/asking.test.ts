import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Asking,
  askingFrom,
  byDistance,
  cleanName,
  NUS_SERVICE,
  type Sighting,
} from '../../../../host/link/ble/asking.js';
import { sameToken } from '../../../../host/link/ble/counter-radio.js';

const seen = (localName: string | undefined, rest: Partial<Sighting> = {}): Sighting => ({
  id: 'c0ffee000001',
  rssi: -60,
  isConnectable: true,
  localName,
  services: [NUS_SERVICE],
  ...rest,
});

const token = (id: string, colour?: number, rssi?: number): Asking => ({
  id,
  colour,
  rssi,
  kind: 'token',
  name: 'Galet',
});

describe('who asks', () => {
  it.each([
    ['Galet -', { kind: 'token', colour: undefined }],
    ['Galet 0', { kind: 'token', colour: 0 }],
    ['Galet 5', { kind: 'token', colour: 5 }],
    ['Galet 6', { kind: 'token', colour: undefined }],
    ['Bangle.js a1b2', { kind: 'board', name: 'Bangle.js a1b2' }],
    ['Puck.js 1234', { kind: 'board' }],
  ])('is told from its name: %s', (name, expected) => {
    expect(askingFrom(seen(name))).toMatchObject(expected);
  });

  it.each([
    ['has no name', seen(undefined)],
    ['is called otherwise', seen('Galette 3')],
    ['cannot be connected to', seen('Galet 3', { isConnectable: false })],
    ['has another service', seen('Galet 3', { services: ['180f'] })],
  ])('is nobody that %s', (_, sighting) => {
    expect(askingFrom(sighting)).toBeUndefined();
  });

  it('has an unknown signal strength when the adapter says 127', () => {
    expect(askingFrom(seen('Galet 1', { rssi: 127 }))?.rssi).toBeUndefined();
    expect(askingFrom(seen('Galet 1', { rssi: -127 }))?.rssi).toBe(-127);
  });

  it('has a name that no terminal takes for a command', () => {
    expect(cleanName('\u001b[2JPuck.js\u0007\u202e 1\n')).toBe('[2JPuck.js 1');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => /^[\x20-\x7e]{0,29}$/.test(cleanName(name))));
  });

  it('never throws, whatever is said on the air', () => {
    const sighting = fc.record({
      id: fc.string(),
      rssi: fc.integer({ min: -128, max: 127 }),
      isConnectable: fc.boolean(),
      localName: fc.option(fc.oneof(fc.string({ unit: 'binary' }), fc.constant('Galet 3')), { nil: undefined }),
      services: fc.array(fc.oneof(fc.string(), fc.constant(NUS_SERVICE))),
    });
    fc.assert(fc.property(sighting, (one) => void askingFrom(one)));
  });

  it('comes nearest first, then whose distance nobody knows, in an order that is always the same', () => {
    const all = [token('b', 1, -40), token('d'), token('a', 2, -70), token('c'), token('e', 3, -40)];
    const sorted = ['b', 'e', 'a', 'c', 'd'];
    expect([...all].sort(byDistance).map(({ id }) => id)).toEqual(sorted);
    expect(
      [...all]
        .reverse()
        .sort(byDistance)
        .map(({ id }) => id),
    ).toEqual(sorted);
  });
});

describe('a token that is sought again', () => {
  const sought = token('old', 3);
  const known = new Set(['old', 'known']);

  it.each([
    ['is at its address', [token('x', 3), token('old', 1)], 'old'],
    ['says its colour elsewhere', [token('x', 3), token('known', 1)], 'x'],
    ['is the one newcomer without a colour', [token('x'), token('known')], 'x'],
    ['could be two of its colour', [token('x', 3), token('y', 3)], undefined],
    ['could be two newcomers', [token('x'), token('y')], undefined],
    ['is not there', [token('known'), token('x', 4)], undefined],
  ])('%s', (_, found, expected) => {
    expect(sameToken(sought, found, known)?.id).toBe(expected);
  });

  it('is no board', () => {
    expect(sameToken(sought, [{ ...token('x', 3), kind: 'board' }], known)).toBeUndefined();
  });
});
