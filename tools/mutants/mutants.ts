/** The defects of an area, and a fair sample of them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Stream } from '../simulate/random.js';
import { AREAS, type AreaName } from './areas.js';
import { type Defect, defectsOf } from './operators.js';

export interface Mutant extends Defect {
  file: string;
  /** From 1. */
  line: number;
  /** What stood there, cut short. */
  before: string;
}

const SNIPPET = 60;

function filesIn(root: string, path: string): string[] {
  if (statSync(join(root, path)).isFile()) return [path];
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => filesIn(root, `${path}/${name}`))
    .filter((file) => file.endsWith('.ts'));
}

function snippet(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > SNIPPET ? `${line.slice(0, SNIPPET)}...` : line;
}

/** `mutant` as people read it: `device/log/log.ts:12: "a < b" for "a <= b"`. */
export function idOf({ file, line, before, text }: Mutant): string {
  return `${file}:${line}: ${JSON.stringify(snippet(text))} for ${JSON.stringify(before)}`;
}

/** Every defect that can be planted into an area, in order of file and place. */
export function mutantsOf(root: string, area: AreaName): Mutant[] {
  return AREAS[area].sources
    .flatMap((path) => filesIn(root, path))
    .flatMap((file) => {
      const source = readFileSync(join(root, file), 'utf8');
      return defectsOf(file, source).map((defect) => ({
        ...defect,
        file,
        line: source.slice(0, defect.start).split('\n').length,
        before: snippet(source.slice(defect.start, defect.end)),
      }));
    });
}

/** `count` of them, drawn from `seed`; all when there are no more. */
export function sampleOf(mutants: Mutant[], count: number, seed: number, area: AreaName): Mutant[] {
  return new Stream(seed, `mutants of ${area}`).shuffled(mutants).slice(0, count);
}
