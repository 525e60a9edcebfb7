/** The kinds of the scoring file that are about the decision: aggregate, risk, riskReset, purge. */
import type { Random } from '../../../device/ports.js';
import { DEFAULT_SERVICE_START, epochAt } from '../../../device/robert/time.js';
import {
  aggregate as aggregateOf,
  evaluateRisk,
  isRiskOver,
  oldestKeptEpoch,
  type RiskParameters,
  type RiskState,
  resetRisk,
} from '../../../host/backend/robert/risk.js';
import { FieldError, type Fields } from '../fields.js';
import type { CaseRunner } from '../runner.js';

function riskOf(config: Fields): RiskParameters {
  const delay = /^P(\d+)D$/.exec(config.text('lastContactDelay'))?.[1];
  if (delay === undefined) throw new FieldError('config.lastContactDelay: not in days');
  return {
    r0: config.number('r0'),
    threshold: config.number('riskThreshold'),
    lastContactDays: Number(delay),
    riskRetentionDays: config.number('riskFlagRetentionDays'),
    contagiousDays: config.number('contagiousPeriodDays'),
    // Tokens are Galet's own; the reference knows phones only.
    tokenRiskDays: 0,
  };
}

const aggregate: CaseRunner = (fields, meta, check) => {
  const { r0, threshold } = riskOf(meta.part('config'));
  const ours = aggregateOf(fields.numbers('scores'), r0);
  check.near('aggregate', ours, fields.number('aggregate'));
  check.same('atOrAboveThreshold', ours >= threshold, fields.flag('atOrAboveThreshold'));
};

const risk: CaseRunner = (fields, meta, check) => {
  const parameters = riskOf(meta.part('config'));
  const before = stateOf(fields);
  const after = fields.part('after');
  const now = fields.instant('now');
  const current = fields.integer('currentEpoch');
  check.same('currentEpoch', epochAt(DEFAULT_SERVICE_START, now), current);

  const contacts = new Set<number>();
  // The date is blurred at random: the reference listed every outcome it saw, and these bytes draw each of ours.
  for (let byte = 0; byte < 6; byte++) {
    const random: Random = { fill: (out) => void out.fill(byte) };
    const { state, expired } = evaluateRisk(before, DEFAULT_SERVICE_START, now, parameters, random);
    contacts.add(state.lastContact);
    if (byte > 0) continue;
    check.same('after.atRisk', state.atRisk, after.flag('atRisk'));
    check.same('after.notified', state.notifiedForCurrentRisk, after.flag('notifiedForCurrentRisk'));
    const isSet = state !== before && state.latestRiskEpoch === current;
    check.same('after.latestRiskEpochSetToCurrent', isSet, after.flag('latestRiskEpochSetToCurrent'));
    const tooOld = after.integer('kpiUsersAboveRiskThresholdButRetentionPeriodExpired');
    check.same('after.kpi', expired ? 1 : 0, tooOld);
  }
  check.same('after.lastContactNtp', sorted([...contacts]), sorted(after.numbers('lastContactNtp')));
};

function stateOf(fields: Fields): RiskState {
  const before = fields.part('before');
  return {
    exposedEpochs: fields
      .parts('exposedEpochs')
      .map((exposed) => ({ epoch: exposed.integer('epochId'), scores: exposed.numbers('scores') })),
    atRisk: before.flag('atRisk'),
    notifiedForCurrentRisk: before.flag('notifiedForCurrentRisk'),
    latestRiskEpoch: before.integer('latestRiskEpoch'),
    lastContact: before.integer('lastContactNtp'),
  };
}

const riskReset: CaseRunner = (fields, meta, check) => {
  const parameters = riskOf(meta.part('config'));
  const state = {
    exposedEpochs: [],
    atRisk: fields.flag('atRisk'),
    notifiedForCurrentRisk: true,
    latestRiskEpoch: 0,
    lastContact: fields.integer('lastContactNtp'),
    isNotified: true,
  };
  const isOver = isRiskOver(state, 'phone', fields.instant('now'), parameters);
  check.same('reset', isOver, fields.flag('reset'));
  if (fields.isNull('after')) return check.same('after', isOver, false);
  const after = fields.part('after');
  const ours = resetRisk(state);
  check.same('after.atRisk', ours.atRisk, after.flag('atRisk'));
  check.same('after.notifiedForCurrentRisk', ours.notifiedForCurrentRisk, after.flag('notifiedForCurrentRisk'));
  check.same('after.isNotified', ours.isNotified, after.flag('isNotified'));
  check.same('after.lastContactNtp', ours.lastContact, after.integer('lastContactNtp'));
};

const purge: CaseRunner = (fields, meta, check) => {
  const days = fields.integer('contagiousPeriodDays');
  check.same('contagiousPeriodDays', riskOf(meta.part('config')).contagiousDays, days);
  const oldest = oldestKeptEpoch(fields.integer('currentEpoch'), days);
  const kept = fields.numbers('epochs').filter((epoch) => epoch >= oldest);
  check.same('kept', kept, fields.numbers('kept'));
};

function sorted(values: number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

export const riskKinds: Record<string, CaseRunner | undefined> = { aggregate, risk, riskReset, purge };
