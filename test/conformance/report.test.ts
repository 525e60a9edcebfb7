import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reportConformance } from '../../tools/conformance/report.js';
import { readVectors, VECTORS } from './vectors.js';

function run(...paths: string[]): { code: number; lines: string[]; complaints: string[] } {
  const lines: string[] = [];
  const complaints: string[] = [];
  const code = reportConformance(
    paths,
    (line) => lines.push(line),
    (line) => complaints.push(line),
  );
  return { code, lines, complaints };
}

function written(content: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'conformance-')), 'renamed.json');
  writeFileSync(path, content);
  return path;
}

describe('the report', () => {
  test('counts what passed, over all files', () => {
    const { code, lines } = run(`${VECTORS}/time.json`, `${VECTORS}/skinny64.json`);
    expect({ code, lines }).toEqual({ code: 0, lines: ['524 passed, 0 failed'] });
  });

  test('names file, kind, number and difference of a failed case, whatever the file is called', () => {
    const file = readVectors('skinny64.json');
    file.cases[1]!.ct = '4bf501737e54ab62';
    const path = written(JSON.stringify(file));
    const { code, lines } = run(path);
    expect(code).toBe(1);
    expect(lines).toEqual([
      `${path}: edge 2: ct: ours "4bf501737e54ab63", reference "4bf501737e54ab62"; ` +
        'pt: ours "92f19a21c69636dc", reference "0000000000000000"',
      '306 passed, 1 failed',
    ]);
  });

  test('a case that cannot be read fails alone', () => {
    const file = readVectors('time.json');
    delete file.cases[0]!.ntp;
    const { code, lines } = run(written(JSON.stringify(file)));
    expect(code).toBe(1);
    expect(lines[0]).toContain('epochEdge 0: case: file.cases[0].ntp: missing');
    expect(lines.at(-1)).toBe('216 passed, 1 failed');
  });

  test.each([
    ['is missing', () => '/nowhere/vectors.json', 'cannot be read'],
    ['is no JSON', () => written('not json'), 'is not JSON'],
    ['is no vector file', () => written('[]'), 'is not a vector file'],
    ['holds no known case', () => written('{"meta": {}, "cases": [{"kind": "a"}]}'), 'no case of a known kind'],
    ['holds no case', () => written('{"meta": {}, "cases": []}'), 'no case of a known kind'],
  ])('a file that %s ends the run with 2', (_, path, complaint) => {
    const { code, lines, complaints } = run(`${VECTORS}/time.json`, path());
    expect(code).toBe(2);
    expect(lines).toEqual([]);
    expect(complaints[0]).toContain(complaint);
  });

  test('no file at all is a usage error', () => {
    expect(run()).toMatchObject({ code: 2, complaints: ['usage: npm run -s conformance -- FILE...'] });
  });
});
