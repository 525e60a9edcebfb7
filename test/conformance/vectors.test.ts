import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runFiles } from '../../tools/conformance/files.js';
import { VECTORS } from './vectors.js';

/** Cases in each file as they came from the reference, or from whom the file names. */
const COUNTS: Record<string, number> = {
  'contacts.json': 104,
  'ebid.json': 160,
  'hello.json': 170,
  'requests.json': 417,
  'scoring.json': 505,
  'skinny64.json': 307,
  'slh-dsa.json': 70,
  'time.json': 217,
  'tuples.json': 54,
};

test('every vector file is known here', () => {
  expect(readdirSync(VECTORS).sort()).toEqual(Object.keys(COUNTS));
});

test.each(Object.entries(COUNTS))('%s: every case agrees with the reference', (file, count) => {
  const results = runFiles([`${VECTORS}/${file}`]).flatMap(({ cases }) => cases);
  expect(results.filter(({ differences }) => differences.length > 0)).toEqual([]);
  expect(results).toHaveLength(count);
});
