/**
 * Vector sets as NIST's ACVP-Server publishes them: `internalProjection.json`, which holds everything, or `prompt.json`
 * and `expectedResults.json` of one folder, which belong together by vsId, tgId and tcId.
 */
import { FieldError, Fields } from './fields.js';

type Json = Record<string, unknown>;

/** The vector sets in a file: it holds one, or a list of which some elements are sets. Empty for any other file. */
export function vectorSetsOf(json: unknown): Json[] {
  const sets = (Array.isArray(json) ? json : [json]) as unknown[];
  return sets.filter((set): set is Json => isObject(set) && Array.isArray(set.testGroups));
}

/** Whether a set holds results alone, which say nothing without the questions. */
export function isResults(set: Json): boolean {
  const groups = set.testGroups as unknown[];
  return groups.length > 0 && groups.every((group) => isObject(group) && !Object.hasOwn(group, 'parameterSet'));
}

/** Whether `results` answers `prompt`: numbers of sets alone are not unique across modes. */
export function belongTogether(prompt: Json, results: Json): boolean {
  const areOfOneMode = prompt.mode === undefined || results.mode === undefined || prompt.mode === results.mode;
  return prompt.vsId !== undefined && prompt.vsId === results.vsId && areOfOneMode;
}

/** `prompt` with the fields that `results` adds to its groups and tests; throws a FieldError for a result without test. */
export function joinResults(prompt: Json, results: Json): Json {
  const groups = listOf(prompt, 'testGroups');
  const answered = listOf(results, 'testGroups');
  return { ...prompt, testGroups: joinLists(groups, answered, 'tgId', (group, more) => joinGroups(group, more)) };
}

function joinGroups(group: Json, results: Json): Json {
  const tests = joinLists(listOf(group, 'tests'), listOf(results, 'tests'), 'tcId', (test, more) => ({
    ...test,
    ...more,
  }));
  return { ...results, ...group, tests };
}

function joinLists(list: Json[], more: Json[], id: string, join: (one: Json, other: Json) => Json): Json[] {
  const byId = new Map(more.map((element) => [element[id], element]));
  const joined = list.map((element) => {
    const other = byId.get(element[id]);
    byId.delete(element[id]);
    return other === undefined ? element : join(element, other);
  });
  const [stray] = byId.keys();
  if (byId.size > 0) throw new FieldError(`${id} ${String(stray)}: a result to nothing`);
  return joined;
}

function listOf(json: Json, name: string): Json[] {
  const fields = Fields.of(json, 'set');
  fields.parts(name);
  return fields.list(name) as Json[];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
