import { describe, expect, it } from 'vitest';
import { createNeighbours, RSSI_UNAVAILABLE, type Sighting } from '../../device/log/neighbours.js';
import { chance } from '../support/chance.js';
import { contactsOf } from '../support/contacts.js';

const START = 3_981_398_400;
const key = (n: number): Uint8Array => new Uint8Array([0x21, 0, 0, 0, 0, n >> 24, n >> 16, n >> 8, n]);
const sighting = (n: number, at: number, rssi = -50, time16 = at & 0xffff): Sighting => ({
  key: key(n),
  time16,
  mac: new Uint8Array(5).fill(at & 0xff),
  rssi,
  at,
});

describe('the neighbour table', () => {
  it('counts at most one sighting of an EBID in 5 s', () => {
    const table = createNeighbours(4);
    for (let t = 0; t < 60; t++) table.hear(sighting(1, START + t));
    expect(contactsOf(table, START + 900)[0]?.minutes[0]?.count).toBe(12);
  });

  it('keeps neighbours apart (R30)', () => {
    const table = createNeighbours(60);
    for (let t = 0; t < 900; t += 12) for (let n = 0; n < 60; n++) table.hear(sighting(n, START + t, -40 - (n % 30)));
    const contacts = contactsOf(table, START + 900);
    expect(contacts.length).toBe(60);
    for (const { key: found, minutes } of contacts) {
      const n = found[8] as number;
      const mean = 10 * Math.log10((minutes[3]?.power ?? 0) / (minutes[3]?.count ?? 1));
      expect(mean).toBeCloseTo(-40 - (n % 30), 3);
      expect(minutes.filter(({ count }) => count > 0).length).toBe(15);
    }
  });

  it('keeps each proof with the time and the MAC of one sighting, and mixes none of two neighbours (R30)', () => {
    const table = createNeighbours(8);
    const mac = (n: number, at: number): Uint8Array => Uint8Array.of(n, 1, 2, at >> 8, at);
    for (let t = 0; t < 890; t += 10) {
      for (let n = 0; n < 8; n++) table.hear({ ...sighting(n, START + t), mac: mac(n, START + t) });
    }
    const contacts = contactsOf(table, START + 900);
    expect(contacts.length).toBe(8);
    for (const { key: found, proofs } of contacts) {
      expect(proofs.length).toBe(3);
      for (const { time16, mac: kept } of proofs) {
        expect(kept).toEqual(mac(found[8] as number, (START & ~0xffff) + time16));
      }
    }
  });

  it('has every counted second within 165 s of a proof, or gives the EBID another record', () => {
    const draw = chance(5);
    for (let trial = 0; trial < 300; trial++) {
      const table = createNeighbours(16);
      const heard: number[] = [];
      for (let t = 0; t < 890; t += 5 + draw() * draw() * 400) {
        heard.push(START + Math.floor(t));
        table.hear(sighting(1, START + Math.floor(t)));
      }
      const contacts = contactsOf(table, START + 2000);
      const proved = contacts.flatMap(({ proofs }) => proofs.map(({ time16 }) => time16));
      for (const at of heard) {
        const nearest = Math.min(...proved.map((time) => Math.abs(((at - time + 0x18000) & 0xffff) - 0x8000)));
        expect(nearest).toBeLessThanOrEqual(165);
      }
      const counted = contacts.flatMap(({ minutes }) => minutes).reduce((sum, { count }) => sum + count, 0);
      expect(counted).toBe(heard.length);
      for (const { proofs } of contacts) expect(proofs.length).toBeLessThanOrEqual(4);
    }
  });

  // R32: a thousand fake EBIDs a minute, each heard once.
  it.each([
    ['briefer', -35],
    ['weaker and briefer', -60],
  ])('keeps true neighbours among %s fakes', (_name, fakeRssi) => {
    const table = createNeighbours(60);
    let fake = 1000;
    let falls = 0;
    for (let t = 0; t < 890; t++) {
      if (t % 12 === 0) for (let n = 0; n < 20; n++) table.hear(sighting(n, START + t, -50 - n));
      if (t < 60) continue; // true neighbours were there first for a minute
      for (let i = 0; i < 17; i++) table.hear(sighting(fake++, START + t, fakeRssi));
      falls += 1;
    }
    expect(falls).toBeGreaterThan(800);
    const kept = contactsOf(table, START + 900).filter(
      ({ key: found }) => (found[7] as number) === 0 && (found[8] as number) < 20,
    );
    expect(kept.length).toBe(20);
    for (const { minutes } of kept) expect(minutes.filter(({ count }) => count > 0).length).toBeGreaterThanOrEqual(14);
  });

  it('drops what is an error and not a power', () => {
    const table = createNeighbours(4);
    table.hear(sighting(1, START, -4));
    table.hear(sighting(1, START, 20));
    expect(contactsOf(table, START + 900)).toEqual([]);
  });

  describe('where the radio did not measure the power', () => {
    const unknown = (n: number, at: number): Sighting => sighting(n, at, RSSI_UNAVAILABLE);
    const minutesOf = (sightings: Sighting[]): { count: number; dBm: number | undefined }[] => {
      const table = createNeighbours(4);
      for (const one of sightings) table.hear(one);
      const minutes = contactsOf(table, START + 900)[0]?.minutes ?? [];
      return minutes.slice(0, 3).map(({ count, power }) => ({
        count,
        dBm: power === 0 ? undefined : Math.round(10 * Math.log10(power / count)),
      }));
    };

    it('keeps minutes and proofs, without a power', () => {
      const table = createNeighbours(4);
      for (let t = 0; t < 400; t += 10) table.hear(unknown(1, START + t));
      const [contact] = contactsOf(table, START + 900);
      expect(contact?.minutes.slice(0, 7).map(({ count }) => count)).toEqual([6, 6, 6, 6, 6, 6, 4]);
      expect(contact?.minutes.every(({ power }) => power === 0)).toBe(true);
      expect(contact?.proofs.length).toBe(2);
    });

    it('lets known powers of a minute win, whichever were first', () => {
      const [first, second, third] = [START, START + 60, START + 120];
      expect(
        minutesOf([
          ...[unknown(1, first), unknown(1, first + 10), sighting(1, first + 20), sighting(1, first + 30)],
          ...[sighting(1, second, -60), unknown(1, second + 10), unknown(1, second + 20)],
          ...[unknown(1, third), unknown(1, third + 10)],
        ]),
      ).toEqual([
        { count: 2, dBm: -50 },
        { count: 1, dBm: -60 },
        { count: 2, dBm: undefined },
      ]);
    });

    it('holds such a row to be worth its minutes and nothing more (R32)', () => {
      const table = createNeighbours(2);
      for (let t = 0; t < 180; t += 10) table.hear(unknown(1, START + t));
      table.hear(unknown(2, START + 180));
      table.hear(unknown(3, START + 190)); // as worthy as 2, and later: it finds no room
      table.hear(sighting(4, START + 200, -70)); // worth more than 2: any power is
      table.hear(sighting(5, START + 210, -36)); // worth more than 4, less than three minutes
      expect(contactsOf(table, START + 900).map(({ key: found }) => found[8])).toEqual([1, 5]);
    });
  });

  it('forgets what has been sealed, and keeps what began later', () => {
    const table = createNeighbours(4);
    table.hear(sighting(1, START));
    table.hear(sighting(2, START + 100));
    table.forget(START + 50);
    expect(contactsOf(table, START + 900).map(({ key: found }) => found[8])).toEqual([2]);
  });
});
