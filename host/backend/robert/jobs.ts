/**
 * The batch, in the reference's order: purge of old exposures, reset of old risks, contacts, risks. Every step can be
 * cut off anywhere and begun again.
 */
import { epochAt } from '../../../device/robert/time.js';
import { deleteContact, type QueuedContact, readContacts } from '../store/contacts.js';
import { exposuresOf, insertExposure, purgeExposures } from '../store/exposures.js';
import { POWER_UNKNOWN } from '../store/hellos.js';
import {
  findRegistration,
  outdatedRegistrations,
  type Registration,
  registrationsAtRisk,
  updateRegistration,
} from '../store/registrations.js';
import type { Db } from '../store/store.js';
import { type Account, accountOf } from './accounts.js';
import { type ContactRefusal, type HelloVerdict, judgeContact, type KnownIdentity, openContact } from './contacts.js';
import type { Core } from './core.js';
import { type ExposedEpoch, evaluateRisk, isRiskOver, oldestKeptEpoch, type RiskState, resetRisk } from './risk.js';
import { scoreContact } from './scoring.js';

/** Contacts validated in one transaction. */
const CONTACTS_A_STEP = 100;
/** Risks evaluated in one transaction. */
const RISKS_A_STEP = 100;

/**
 * What became of a contact; 'power-unknown' if it is valid and no power was measured in it: no exposure; 'failed' if it
 * provoked what it must not: it is dropped all the same, not tried for ever.
 */
type ContactOutcome = 'scored' | 'power-unknown' | 'failed' | ContactRefusal;

interface Processed {
  outcome: ContactOutcome;
  /** Of each HELLO, once it is known whose they are. */
  verdicts: HelloVerdict[];
}

/** Figures of one run, for the log: counts, nothing of anybody. */
export interface JobFigures {
  purgedExposures: number;
  risksReset: number;
  contacts: Partial<Record<ContactOutcome, number>>;
  /** What became of each HELLO of contacts whose sender is known. */
  hellos: Partial<Record<HelloVerdict, number>>;
  risksEvaluated: number;
  risksRaised: number;
  /** High risks from contacts too old to warn of. */
  risksExpired: number;
}

/** Runs all steps until nothing is left to do at the clock's time. */
export async function runRobertJobs(core: Core): Promise<JobFigures> {
  const figures: JobFigures = {
    purgedExposures: await purge(core),
    risksReset: await resetRisks(core),
    contacts: {},
    hellos: {},
    risksEvaluated: 0,
    risksRaised: 0,
    risksExpired: 0,
  };
  while (await processContacts(core, figures));
  while (await evaluateRisks(core, figures));
  return figures;
}

function purge(core: Core): Promise<number> {
  const current = epochAt(core.ring.serviceStart, core.clock());
  const oldest = oldestKeptEpoch(current, core.parameters.risk.contagiousDays);
  return core.store.transaction('robert.purge', (db) => purgeExposures(db, oldest));
}

function resetRisks(core: Core): Promise<number> {
  return core.store.transaction('robert.risk', async (db) => {
    let count = 0;
    for (const registration of await registrationsAtRisk(db)) {
      const state = riskStateOf(registration, []);
      if (!isRiskOver(state, registration.kind, core.clock(), core.parameters.risk)) continue;
      const { atRisk, notifiedForCurrentRisk } = resetRisk(state);
      await updateRegistration(db, registration.idA, { atRisk, notifiedForCurrentRisk });
      count += 1;
    }
    return count;
  });
}

/** Validates and scores some contacts and deletes them, good or bad; returns whether there were any. */
async function processContacts(core: Core, figures: JobFigures): Promise<boolean> {
  const processed = await core.store.transaction('robert.contact', async (db) => {
    const done: Processed[] = [];
    for (const contact of await readContacts(db, 'contacts', CONTACTS_A_STEP)) {
      if (await deleteContact(db, 'contacts', contact.id)) done.push(await processContact(db, core, contact));
    }
    return done;
  });
  for (const { outcome, verdicts } of processed) {
    figures.contacts[outcome] = (figures.contacts[outcome] ?? 0) + 1;
    for (const verdict of verdicts) figures.hellos[verdict] = (figures.hellos[verdict] ?? 0) + 1;
  }
  return processed.length > 0;
}

async function processContact(db: Db, core: Core, contact: QueuedContact): Promise<Processed> {
  const opened = guarded(core, () => openContact(core.ring, contact));
  if (opened === undefined) return { outcome: 'failed', verdicts: [] };
  if (!opened.ok) return { outcome: opened.reason, verdicts: [] };
  const { id } = opened.content;
  const account = await accountOf(db, core, id);
  const registration = await findRegistration(db, id);
  const identity = account && knownIdentity(account, registration !== undefined);
  const judged = guarded(core, () => judgeContact(core.ring, contact, opened, identity));
  if (judged === undefined) return { outcome: 'failed', verdicts: [] };
  const { verdicts } = judged;
  if (!judged.ok) return { outcome: judged.reason, verdicts };
  // Not left to the score: it would drop them too, but count its minutes from the first of them.
  const measured = judged.kept.filter(({ rssi }) => rssi !== POWER_UNKNOWN);
  if (measured.length === 0) return { outcome: 'power-unknown', verdicts };
  const scored = guarded(core, () => scoreContact(measured, core.parameters.scoring));
  if (scored === undefined || !Number.isFinite(scored.score)) return { outcome: 'failed', verdicts };
  await insertExposure(db, core.random, id, { epoch: judged.epoch, score: scored.score });
  await updateRegistration(db, id, { outdatedRisk: true });
  return { outcome: 'scored', verdicts };
}

/** A HELLO may have been heard before the token renewed its keys, or after it did so without another visit yet. */
function knownIdentity({ current, pending, previousAuth }: Account, registered: boolean): KnownIdentity {
  const otherKAuths = [pending?.kAuth, previousAuth].filter((key) => key !== undefined);
  return { kAuth: current.kAuth, otherKAuths, registered };
}

/** The result of a pure step, or undefined when it threw: one contact must never hold up all others. */
function guarded<T>(core: Core, step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    core.logger.error({ err: error }, 'a contact could not be validated');
    return undefined;
  }
}

/** Evaluates the risk of some persons with new scores; returns whether there were any. */
async function evaluateRisks(core: Core, figures: JobFigures): Promise<boolean> {
  const { risk } = core.parameters;
  const verdicts = await core.store.transaction('robert.risk', async (db) => {
    const done: { raised: boolean; expired: boolean }[] = [];
    for (const registration of await outdatedRegistrations(db, RISKS_A_STEP)) {
      const before = riskStateOf(registration, await exposedEpochsOf(db, registration.idA));
      const { state, expired } = evaluateRisk(before, core.ring.serviceStart, core.clock(), risk, core.random);
      const { atRisk, notifiedForCurrentRisk, latestRiskEpoch, lastContact } = state;
      await updateRegistration(db, registration.idA, {
        atRisk,
        notifiedForCurrentRisk,
        latestRiskEpoch,
        lastContactTimestamp: lastContact,
        outdatedRisk: false,
      });
      done.push({ raised: state !== before, expired });
    }
    return done;
  });
  figures.risksEvaluated += verdicts.length;
  figures.risksRaised += verdicts.filter(({ raised }) => raised).length;
  figures.risksExpired += verdicts.filter(({ expired }) => expired).length;
  return verdicts.length > 0;
}

function riskStateOf(registration: Registration, exposedEpochs: ExposedEpoch[]): RiskState {
  const { atRisk, notifiedForCurrentRisk, latestRiskEpoch, lastContactTimestamp } = registration;
  return { exposedEpochs, atRisk, notifiedForCurrentRisk, latestRiskEpoch, lastContact: lastContactTimestamp };
}

async function exposedEpochsOf(db: Db, idA: Uint8Array): Promise<ExposedEpoch[]> {
  const byEpoch = new Map<number, number[]>();
  for (const { epoch, score } of await exposuresOf(db, idA)) {
    const scores = byEpoch.get(epoch) ?? [];
    scores.push(score);
    byEpoch.set(epoch, scores);
  }
  return [...byEpoch].map(([epoch, scores]) => ({ epoch, scores }));
}
