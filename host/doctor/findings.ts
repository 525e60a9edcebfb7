/** What the checks find: for each thing looked at a state, and a sentence of the catalogue. */
import type { doctorSentences } from '../catalogue/doctor.js';

export type State = 'ok' | 'to-do' | 'not-needed';

/** What is looked at, by the part of the installation that it belongs to. */
const AREAS = {
  node: 'installation',
  module: 'installation',
  clock: 'installation',
  adapter: 'bluetooth',
  rfkill: 'bluetooth',
  power: 'bluetooth',
  rights: 'bluetooth',
  bluetoothd: 'bluetooth',
  uart: 'bluetooth',
  port: 'serial',
  'modem-manager': 'serial',
  kiosk: 'counter',
} as const;

export type Check = keyof typeof AREAS;

export type DoctorSentence = keyof typeof doctorSentences;

export interface Finding {
  readonly check: Check;
  readonly state: State;
  readonly sentence: DoctorSentence;
  readonly parameters: Record<string, string | number>;
}

type Found = (check: Check, sentence: DoctorSentence, parameters?: Finding['parameters']) => Finding;

const found =
  (state: State): Found =>
  (check, sentence, parameters = {}) => ({ check, state, sentence, parameters });

export const fine = found('ok');
export const toDo = found('to-do');
export const notNeeded = found('not-needed');

/** Exit codes: 0 when nothing is to do; the area's when all that is to do is in one; otherwise the first. */
export const DOCTOR_EXITS = { several: 120, installation: 121, bluetooth: 122, serial: 123 } as const;

export function exitOf(findings: readonly Finding[]): number {
  const areas = new Set(findings.filter(({ state }) => state === 'to-do').map(({ check }) => AREAS[check]));
  const [only] = areas;
  if (only === undefined) return 0;
  return areas.size > 1 || only === 'counter' ? DOCTOR_EXITS.several : DOCTOR_EXITS[only];
}
