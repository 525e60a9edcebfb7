import { type ScoringParameters, scoreContact } from '../../../host/backend/robert/scoring.js';
import { FieldError, type Fields } from '../fields.js';
import type { CaseRunner, FileRunner } from '../runner.js';
import { riskKinds } from './risk.js';

/** The configuration that the reference ran with. */
export function scoringOf(config: Fields): ScoringParameters {
  if (config.integer('algoVersion') !== 2) throw new FieldError('config.algoVersion: only version 2 is known');
  return {
    p0: config.number('p0'),
    deltas: config.numbers('deltas'),
    softMaxA: config.number('softMaxA'),
    softMaxB: config.number('softMaxB'),
    rssiMax: config.number('rssiMax'),
    rssiErrorAbove: config.number('rssiErrorAbove'),
    epochTolerance: config.number('epochToleranceSec'),
    scoreMultiplier: config.number('scoreMultiplier'),
    scoreCap: config.number('scoreCap'),
  };
}

const score: CaseRunner = (fields, meta, check) => {
  const receptions = fields.list('hellos').map((entry, index) => {
    if (!Array.isArray(entry) || entry.length !== 2 || !entry.every(Number.isInteger)) {
      throw new FieldError(`hellos[${index}]: not [time, rssi]`);
    }
    const [received, rssi] = entry as [number, number];
    return { received, rssi };
  });
  const parameters = { ...scoringOf(meta.part('config')), epochTolerance: fields.number('epochTolerance') };
  const named = /^tolerance(\d+)/.exec(fields.text('kind'))?.[1];
  if (named !== undefined) check.same('epochTolerance', parameters.epochTolerance, Number(named));
  const result = fields.part('result');
  const ours = scoreContact(receptions, parameters);
  if (result.has('error')) {
    check.same('result', ours === undefined && 'Cannot score contact with no HELLO messages', result.text('error'));
    return;
  }
  if (ours === undefined) return check.note('result', 'ours gives no score');
  check.near('result.rssiScore', ours.score, result.number('rssiScore'));
  check.same('result.duration', ours.duration, result.integer('duration'));
  check.same('result.nbContacts', ours.riskyWindows, result.integer('nbContacts'));
};

export const scoringRunner: FileRunner = {
  name: 'scoring',
  recognises: (fields) =>
    ['epochTolerance', 'aggregate', 'exposedEpochs', 'reset', 'kept'].some((name) => fields.has(name)),
  runnerOf: (kind) => riskKinds[kind] ?? (/^(random|edge|tolerance)/.test(kind) ? score : undefined),
};
