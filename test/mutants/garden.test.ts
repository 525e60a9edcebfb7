import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../tools/mutants/command.js';
import { Garden } from '../../tools/mutants/garden.js';
import type { Mutant } from '../../tools/mutants/mutants.js';

const FILE = 'device/robert/time.ts';
const TESTS = [['test/robert/time.test.ts']];

/** Replaces the first `before` of the file. */
function mutant(before: string, text: string): Mutant {
  const start = readFileSync(FILE, 'utf8').indexOf(before);
  return { file: FILE, line: 1, before, start, end: start + before.length, text };
}

describe('the garden of mutants', () => {
  let garden: Garden;

  beforeAll(() => {
    garden = new Garden('.');
  });
  afterAll(() => garden.close());

  it('tells a defect that the tests find from a change that is none', async () => {
    expect(await garden.fateOf(mutant('(ntp - serviceStart)', '(ntp + serviceStart)'), TESTS)).toBe('killed');
    expect(await garden.fateOf(mutant('EPOCH_SECONDS = 900', 'EPOCH_SECONDS = 899 + 1'), TESTS)).toBe('survived');
  });

  it('leaves the project as it is', () => {
    expect(readFileSync(FILE, 'utf8')).toContain('EPOCH_SECONDS = 900');
  });
});

describe('the command', () => {
  async function ran(...args: string[]): Promise<{ code: number; out: string; error: string }> {
    let [out, error] = ['', ''];
    const code = await command(args, {
      out: (text) => {
        out += text;
      },
      error: (text) => {
        error += text;
      },
    });
    return { code, out, error };
  }

  it('lists what could be planted', async () => {
    const { code, out } = await ran('seal', '--file', 'hmac', '--count', '0', '--list');
    expect(code).toBe(0);
    expect(out).toContain('device/seal/hmac.ts:');
  });

  it.each([
    [['kitchen'], 'there is no area "kitchen": log, seal, link, robert, outbox\n'],
    [['--count', 'many'], '--count takes a whole number\n'],
    [['--seed', '4294967296'], '--seed takes a whole number below 2^32\n'],
  ])('says what is wrong with %j in one sentence', async (args, sentence) => {
    expect(await ran(...args)).toEqual({ code: 2, out: '', error: sentence });
  });

  it('explains itself', async () => {
    expect((await ran('--help')).out).toContain('npm run -s mutants -- log');
  });
});
