/** NIST's files as they are published, made here from the vectors that the project keeps. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportConformance } from '../../tools/conformance/report.js';
import { VECTORS } from './vectors.js';

type Json = Record<string, unknown>;
interface Group extends Json {
  tgId: number;
  tests: Json[];
}
interface VectorSet extends Json {
  testGroups: Group[];
}

const PUBLISHED = JSON.parse(readFileSync(`${VECTORS}/slh-dsa.json`, 'utf8')) as VectorSet;

/** Some groups, each cut to its first tests; a copy. */
function vectorSet(choose: (group: Group) => boolean, tests = 2): VectorSet {
  const testGroups = PUBLISHED.testGroups.filter(choose);
  return structuredClone({
    ...PUBLISHED,
    vsId: 53,
    testGroups: testGroups.map((group) => ({ ...group, tests: group.tests.slice(0, tests) })),
  });
}

const ofInterface =
  (signatureInterface: string | undefined, preHash?: string) =>
  (group: Group): boolean =>
    group.signatureInterface === signatureInterface && group.preHash === preHash;
const isOld = ofInterface(undefined);

function without(json: Json, ...names: string[]): Json {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)));
}

/** The set without some fields of its tests, or with these fields of its tests alone. */
function prompt(set: VectorSet, ...names: string[]): Json {
  return {
    ...set,
    testGroups: set.testGroups.map((group) => ({
      ...group,
      tests: group.tests.map((each) => without(each, ...names)),
    })),
  };
}
function results(set: VectorSet, name: string): Json {
  const testGroups = set.testGroups.map(({ tgId, tests }) => ({
    tgId,
    tests: tests.map((each) => ({ tcId: each.tcId, [name]: each[name] })),
  }));
  return { ...without(set, 'source'), testGroups };
}

const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
let files = 0;

function written(json: unknown, name = 'internalProjection.json'): string {
  const path = join(folder, String(files++), name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, JSON.stringify(json));
  return path;
}

function run(...paths: string[]): { code: number; lines: string[]; complaints: string[] } {
  const lines: string[] = [];
  const complaints: string[] = [];
  const code = reportConformance(
    paths,
    (line) => lines.push(line.replaceAll(folder, '')),
    (line) => complaints.push(line.replaceAll(folder, '')),
  );
  return { code, lines, complaints };
}

function changed(set: VectorSet, change: (each: Json) => void): VectorSet {
  for (const group of set.testGroups) for (const each of group.tests) change(each);
  return set;
}

describe('what is published', () => {
  test('has every interface, and every hash that FIPS 205 allows beforehand', () => {
    const hashes = PUBLISHED.testGroups.flatMap(({ tests }) => tests.map(({ hashAlg }) => hashAlg));
    expect(new Set(hashes.filter((name) => name !== undefined)).size).toBe(12);
    for (const choose of [
      isOld,
      ofInterface('internal'),
      ofInterface('external', 'pure'),
      ofInterface('external', 'preHash'),
    ]) {
      expect(PUBLISHED.testGroups.some(choose)).toBe(true);
    }
  });

  test('says of each group whose it is', () => {
    for (const { source } of PUBLISHED.testGroups) expect(source).toMatch(/\w/);
  });

  test('passes in small letters too', () => {
    const set = changed(
      vectorSet(() => true, 1),
      (each) => {
        for (const name of ['pk', 'message', 'signature', 'context']) {
          if (typeof each[name] === 'string') each[name] = each[name].toLowerCase();
        }
      },
    );
    expect(run(written(set))).toMatchObject({ code: 0, lines: [`${set.testGroups.length} passed, 0 failed`] });
  });
});

describe('a case fails', () => {
  test.each(['pk', 'message', 'signature', 'context', 'hashAlg'])('with another %s', (name) => {
    const set = changed(vectorSet(ofInterface('external', 'preHash'), 1), (each) => {
      const value = String(each[name]);
      if (name === 'hashAlg') each[name] = value === 'SHA2-256' ? 'SHA3-256' : 'SHA2-256';
      else each[name] = value === '' ? '00' : `${value[0] === '0' ? '1' : '0'}${value.slice(1)}`;
    });
    const { code, lines } = run(written(set));
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe(`0 passed, ${set.testGroups.length} failed`);
    expect(lines[0]).toMatch(/: external preHash \S+ \d+: testPassed: ours false, reference true$/);
  });

  test.each([
    ['verdict', () => vectorSet(() => true, 1), (each: Json) => (each.testPassed = !each.testPassed)],
    ['way of hashing', () => vectorSet(ofInterface('external', 'preHash')), (each: Json) => (each.preHash = 'pure')],
    [
      'interface',
      () => vectorSet(ofInterface('external', 'pure')),
      (each: Json) => (each.signatureInterface = 'internal'),
    ],
  ])('with another %s', (_, make, change) => {
    const { code, lines } = run(written(changed(make(), change)));
    expect(code).toBe(1);
    expect(lines[0]).toContain('testPassed: ours ');
    expect(lines.at(-1)).toMatch(/^0 passed/);
  });

  test('when a signature that is too short or too long should be right', () => {
    for (const cut of [(text: string) => text.slice(2), (text: string) => `${text}00`]) {
      const set = changed(vectorSet(isOld, 9), (each) => {
        each.signature = cut(String(each.signature));
      });
      const right = set.testGroups.flatMap(({ tests }) => tests).filter(({ testPassed }) => testPassed).length;
      const { code, lines } = run(written(set));
      expect(code).toBe(1);
      expect(lines.at(-1)).toMatch(new RegExp(`passed, ${right} failed$`));
    }
  });

  test.each([
    ['a field is missing', (each: Json) => delete each.message, 'message: missing'],
    ['a field is no hexadecimal', (each: Json) => (each.signature = 'zz'), 'not lower-case hexadecimal'],
    ['a hash is unknown', (each: Json) => (each.hashAlg = 'MD5'), 'hashAlg: MD5 is unknown'],
    ['an interface is unknown', (each: Json) => (each.signatureInterface = 'other'), 'other is unknown'],
    ['it has no verdict', (each: Json) => delete each.testPassed, 'testPassed: missing'],
  ])('alone, when %s', (_, change, words) => {
    const set = vectorSet(ofInterface('external', 'preHash'), 2);
    change(set.testGroups[0]!.tests[0]!);
    const { code, lines } = run(written(set));
    expect(code).toBe(1);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(words);
  });
});

describe('questions and results in two files', () => {
  test.each([[0], [1]])('count as one, in any order', (first) => {
    const set = vectorSet(() => true, 1);
    const pair = [
      written(prompt(set, 'testPassed'), 'prompt.json'),
      written(results(set, 'testPassed'), 'expectedResults.json'),
    ];
    expect(run(pair[first]!, pair[1 - first]!)).toMatchObject({
      code: 0,
      lines: [`${set.testGroups.length} passed, 0 failed`],
    });
  });

  test('of generated signatures, where the key is the secret one', () => {
    const set: VectorSet = { ...vectorSet(ofInterface('external', 'pure')), mode: 'sigGen' };
    changed(set, (each) => {
      each.sk = '00'.repeat(32) + String(each.pk);
    });
    const questions = written(prompt(set, 'testPassed', 'signature', 'pk'), 'prompt.json');
    const answers = written(results(set, 'signature'), 'expectedResults.json');
    expect(run(questions, answers)).toMatchObject({
      code: 0,
      lines: [expect.stringMatching(/^\d+ passed, 0 failed$/)],
    });
    expect(run(questions)).toMatchObject({ code: 1 });
  });

  test('find each other by mode where numbers of sets are alike', () => {
    const verified = vectorSet(isOld);
    const generated: VectorSet = { ...vectorSet(ofInterface('internal')), mode: 'sigGen' };
    const { code } = run(
      written(results(generated, 'signature')),
      written(prompt(verified, 'testPassed')),
      written(results(verified, 'testPassed')),
      written(prompt(generated, 'testPassed', 'signature')),
    );
    expect(code).toBe(0);
  });

  test('are told when one of them is missing, or does not fit', () => {
    const set = vectorSet(isOld);
    const answers = written(results(set, 'testPassed'));
    expect(run(answers)).toMatchObject({ code: 2, complaints: [expect.stringContaining('results alone')] });
    expect(run(written(prompt(set, 'testPassed')))).toMatchObject({ code: 1 });
    const shorter = { ...set, testGroups: set.testGroups.slice(1) };
    expect(run(written(prompt(shorter as VectorSet, 'testPassed')), answers)).toMatchObject({
      code: 2,
      complaints: [expect.stringContaining('a result to nothing')],
    });
  });
});

describe('a file with more than Galet uses', () => {
  test('says how many cases of other parameter sets it skipped', () => {
    const set = vectorSet(isOld);
    set.testGroups.push({
      tgId: 99,
      parameterSet: 'SLH-DSA-SHAKE-256f',
      tests: [{ tcId: 1 }, { tcId: 2 }, { tcId: 3 }],
    });
    const { code, lines } = run(written(set));
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/: 3 cases of other parameter sets skipped$/);
  });

  test('is no vector file when it holds none of Galet’s', () => {
    const set = vectorSet(isOld);
    for (const group of set.testGroups) group.parameterSet = 'SLH-DSA-SHA2-128f';
    expect(run(written(set))).toMatchObject({
      code: 2,
      complaints: [expect.stringContaining('no signature of SLH-DSA-SHA2-128s')],
    });
  });

  test('may be a list with its version first', () => {
    expect(run(written([{ acvVersion: '1.0' }, vectorSet(isOld)]))).toMatchObject({ code: 0 });
  });

  test('that is broken is named', () => {
    for (const testGroups of [[1], [{ tgId: 1, parameterSet: 'SLH-DSA-SHA2-128s' }]]) {
      expect(run(written({ testGroups }))).toMatchObject({
        code: 2,
        complaints: [expect.stringContaining('is not a vector file')],
      });
    }
  });
});
