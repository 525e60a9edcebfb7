/**
 * The property that makes a pass worth something: change any one value of a vector and its case fails. The values for
 * which that cannot hold are listed with the reason; every other leaf of the sampled cases is changed in turn.
 */
import { expect, test } from 'vitest';
import { runVectors } from '../../tools/conformance/files.js';
import { readVectors, type VectorFile } from './vectors.js';

type Json = Record<string, unknown>;
type Path = (string | number)[];

const CASES_A_KIND = 3;
/** Of a long list, elements at its start, middle and end stand for all. */
const ELEMENTS = 3;

interface Exception {
  file: string;
  kind: RegExp;
  path: RegExp;
  why: string;
}

const LABEL = 'a label: nothing follows from it';
const INPUT = 'an input from which several values lead to the same outcome';

const EXCEPTIONS: Exception[] = [
  { file: '.', kind: /./, path: /^(n|note|what)$/, why: LABEL },
  {
    file: 'requests.json',
    kind: /^otherKey$/,
    path: /^(kAuth|mac|json\.mac)$/,
    why: 'the MAC is under a key not given',
  },
  { file: 'requests.json', kind: /^unknownId$/, path: /^(mac|json\.mac)$/, why: 'the MAC is under a key not given' },
  { file: 'requests.json', kind: /^noServerKey$/, path: /^(id|world)$/, why: 'no key that would tie them to the EBID' },
  { file: 'tuples.json', kind: /^badClientKey$/, path: /^(clientSpki|serverPriv)$/, why: 'another bad key is bad too' },
  { file: 'tuples.json', kind: /^bundle/, path: /^nbDays$/, why: 'a further day without a key adds nothing' },
  { file: 'tuples.json', kind: /^bundleRefused$/, path: /^(fromEpoch|daysWithoutKey)/, why: INPUT },
  {
    file: 'tuples.json',
    kind: /^bundleRefused$/,
    path: /^result\.idAlreadyCreated$/,
    why: 'the orphan that the reference leaves; Galet leaves none',
  },
  { file: 'time.json', kind: /^tolerance/, path: /^(ts|tr|tol)$/, why: INPUT },
  { file: 'scoring.json', kind: /^(random|edge|tolerance)/, path: /^(hellos|epochTolerance)/, why: INPUT },
  { file: 'scoring.json', kind: /^risk$/, path: /^(exposedEpochs|before)\./, why: INPUT },
  { file: 'scoring.json', kind: /^riskReset$/, path: /^(now|lastContactNtp|atRisk)$/, why: INPUT },
  { file: 'scoring.json', kind: /^purge$/, path: /^(currentEpoch|epochs)/, why: INPUT },
  { file: 'contacts.json', kind: /./, path: /^contact\.hellos\.\d+\.[013]$/, why: INPUT },
  {
    file: 'contacts.json',
    kind: /^badMac/,
    path: /^contact\.hellos\.\d+\.2$/,
    why: 'another forged MAC is forged too',
  },
  {
    file: 'contacts.json',
    kind: /MacBad$/,
    path: /^contact\.hellos\.\d+\.2$/,
    why: 'another forged MAC is forged too',
  },
  { file: 'contacts.json', kind: /^unknownInCrypto$/, path: /^contact\.hellos\.\d+\.2$/, why: 'the key is not given' },
  { file: 'contacts.json', kind: /./, path: /^result\.log\./, why: 'lines that trace single steps of the reference' },
  { file: 'contacts.json', kind: /./, path: /^sender\.inBackend$/, why: 'not asked for contacts refused before' },
  { file: 'contacts.json', kind: /^(badMacAll|noHello)$/, path: /^sender\.kAuth$/, why: 'no HELLO is under this key' },
  { file: 'contacts.json', kind: /^noServerKey$/, path: /^sender\.(id|epoch)$/, why: 'no key ties them to the EBID' },
  { file: 'contacts.json', kind: /^eccTampered$/, path: /^sender\.cc$/, why: 'the ECC is not the sender’s' },
];

function exceptionFor(file: string, kind: string, path: Path): Exception | undefined {
  const joined = path.join('.');
  return EXCEPTIONS.find(
    (exception) =>
      (exception.file === '.' || exception.file === file) && exception.kind.test(kind) && exception.path.test(joined),
  );
}

/** Paths to all values that are neither lists nor objects. */
function leavesOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) {
    const sample = value.length <= ELEMENTS ? value.keys() : [0, value.length >> 1, value.length - 1];
    return [...sample].flatMap((index) => leavesOf(value[index], [...path, index]));
  }
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, part]) => leavesOf(part, [...path, name]));
}

/** Other values of the same type, near enough to be mistaken. */
function mutantsOf(value: unknown): unknown[] {
  if (typeof value === 'number') return Number.isInteger(value) ? [value + 1, value - 1] : [value + 1e-6];
  if (typeof value === 'boolean') return [!value];
  if (typeof value !== 'string') return ['00'];
  const isHex = /^[0-9a-f]*$/.test(value);
  const flip = (char: string): string =>
    isHex ? (Number.parseInt(char, 16) ^ 1).toString(16) : String.fromCharCode(char.charCodeAt(0) ^ 1);
  const positions = [...new Set([0, value.length >> 1, value.length - 1])].filter((at) => at < value.length && at >= 0);
  return [...positions.map((at) => value.slice(0, at) + flip(value[at]!) + value.slice(at + 1)), value.slice(0, -2)];
}

function withMutant(original: Json, path: Path, mutant: unknown): Json {
  const copy = structuredClone(original);
  let holder = copy as Record<string | number, unknown>;
  for (const name of path.slice(0, -1)) holder = holder[name] as Record<string | number, unknown>;
  holder[path.at(-1)!] = mutant;
  return copy;
}

function valueAt(value: Json, path: Path): unknown {
  return path.reduce<unknown>((part, name) => (part as Record<string | number, unknown>)[name], value);
}

/** The original travels along, so that the file is recognised whatever the mutant looks like. */
function failsWith(file: VectorFile, original: Json, mutant: Json): boolean {
  return runVectors({ meta: file.meta, cases: [mutant, original] })[0]!.differences.length > 0;
}

function sampleOf(file: VectorFile): Json[] {
  const seen = new Map<string, number>();
  return file.cases.filter((fields) => {
    const kind = String(fields.kind);
    // Bundles of many days take as many times longer, and say no more.
    if (typeof fields.count === 'number' && fields.count > 200) return false;
    seen.set(kind, (seen.get(kind) ?? 0) + 1);
    return seen.get(kind)! <= CASES_A_KIND;
  });
}

const FILES = ['contacts', 'ebid', 'hello', 'requests', 'scoring', 'skinny64', 'time', 'tuples'];

test.each(FILES)('%s.json: every changed value is noticed', (name) => {
  const file = readVectors(`${name}.json`);
  const missed: string[] = [];
  for (const original of sampleOf(file)) {
    const kind = String(original.kind);
    for (const path of leavesOf(original)) {
      if (exceptionFor(`${name}.json`, kind, path) !== undefined || path[0] === 'kind') continue;
      for (const mutant of mutantsOf(valueAt(original, path))) {
        if (failsWith(file, original, withMutant(original, path, mutant))) continue;
        missed.push(`${kind} ${String(original.n)} ${path.join('.')} = ${String(mutant)}`);
      }
    }
  }
  expect(missed).toEqual([]);
});

test('every kind is checked as what it says: a kind unknown to the file fails', () => {
  for (const name of ['requests', 'scoring', 'time', 'tuples']) {
    const file = readVectors(`${name}.json`);
    const original = file.cases[0]!;
    expect(failsWith(file, original, { ...original, kind: 'unheardOf' })).toBe(true);
  }
});

test.each([
  ['contacts', ['serverKeys', '20210405']],
  ['contacts', ['kg']],
  ['contacts', ['serverCountryCode']],
  ['contacts', ['serviceStartNtp']],
  ['requests', ['serverKeys', 'world2021', '20210305']],
  ['tuples', ['serviceStartNtp']],
  ['scoring', ['config', 'p0']],
  ['scoring', ['config', 'deltas', 3]],
  ['scoring', ['config', 'r0']],
  ['scoring', ['config', 'softMaxA']],
  ['scoring', ['config', 'softMaxB']],
] as [string, Path][])('%s.json: a changed %s of the file fails some of its cases', (name, path) => {
  const file = readVectors(`${name}.json`);
  const [mutant] = mutantsOf(valueAt(file.meta, path));
  const results = runVectors({ meta: withMutant(file.meta, path, mutant), cases: file.cases });
  expect(results.some(({ differences }) => differences.length > 0)).toBe(true);
});
