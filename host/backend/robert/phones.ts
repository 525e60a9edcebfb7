/** What a StopCovid phone can ask for, as robert-server answers it (docs/spec/robert.md, "Calls of phones"). */
import { SALT_DELETE_HISTORY, SALT_STATUS, SALT_UNREGISTER } from '../../../device/robert/requests.js';
import { epochAt, epochStart } from '../../../device/robert/time.js';
import { GaletError } from '../../errors.js';
import { type Contact, insertContacts } from '../store/contacts.js';
import { clearExposures } from '../store/exposures.js';
import { deleteIdentity } from '../store/identities.js';
import { deleteRegistration, type Registration, updateRegistration } from '../store/registrations.js';
import { addAccount } from './accounts.js';
import { authenticate } from './authenticate.js';
import { type Core, randomBytes } from './core.js';
import { agreeKeys, type ClientKeys } from './registration.js';
import { signAnalyticsStatement, signDeclarationStatement, signReportStatement } from './statements.js';
import { BUNDLE_IV_LENGTH, type Identifier, identifiersFrom, sealBundle } from './tuples.js';
import type { AuthRequest } from './verify.js';

/** Why an authenticated call was refused, as the HTTP status that says so. */
export interface CallRefused {
  status: 400 | 404 | 430;
}

export interface StatusAnswer {
  status: 200;
  riskLevel: 0 | 4;
  /** Base64. */
  tuples: string;
  /** NTP seconds of 00:00 UTC, when at risk and known. */
  lastContactDate?: number;
  /** NTP seconds, when at risk. */
  lastRiskScoringDate?: number;
  declarationToken?: string;
  analyticsToken: string;
}

export interface PhoneService {
  /** The bundle in base64. Throws 'public-key-invalid', and 'key-missing' when there is no server key to make it with. */
  register(clientPublicKey: Uint8Array): Promise<string>;
  status(request: AuthRequest): Promise<StatusAnswer | CallRefused>;
  unregister(request: AuthRequest): Promise<{ status: 200 } | CallRefused>;
  deleteExposureHistory(request: AuthRequest): Promise<{ status: 200 } | CallRefused>;
  /** Whether the code would be accepted now. Burns nothing. */
  isCodeAlive(code: string): Promise<boolean>;
  /**
   * Burns the code and takes the contacts over, or neither; the statement that it did. Throws 'code-unknown',
   * 'code-used' or 'code-expired'.
   */
  report(code: string, contacts: Contact[]): Promise<string>;
}

const RISK = 4;
const GAP_MESSAGE = 'status too soon after the last';

export function createPhoneService(core: Core): PhoneService {
  const currentEpoch = (): number => epochAt(core.ring.serviceStart, core.clock());

  function bundleOf(idA: Uint8Array, keys: ClientKeys): string {
    const identifiers = identifiersFrom(core.ring, idA, currentEpoch(), core.parameters.bundleDays);
    if (identifiers === undefined) throw new GaletError('key-missing', { key: 'server key of today' });
    return sealed(keys, identifiers);
  }

  function sealed(keys: ClientKeys, identifiers: Identifier[]): string {
    return Buffer.from(sealBundle(keys.kEnc, identifiers, randomBytes(core, BUNDLE_IV_LENGTH))).toString('base64');
  }

  /** What to store for a status answered now. */
  function afterStatus(registration: Registration): Registration {
    return {
      ...registration,
      isNotified: registration.isNotified || registration.atRisk,
      notifiedForCurrentRisk: true,
      lastStatusRequestEpoch: currentEpoch(),
      lastAnsweredRisk: registration.atRisk ? RISK : 0,
    };
  }

  async function answerOf(registration: Registration, keys: ClientKeys): Promise<StatusAnswer> {
    const { atRisk, lastContactTimestamp, latestRiskEpoch } = registration;
    const answer: StatusAnswer = {
      status: 200,
      riskLevel: atRisk ? RISK : 0,
      tuples: bundleOf(registration.idA, keys),
      analyticsToken: await signAnalyticsStatement(core),
    };
    if (!atRisk) return answer;
    answer.lastRiskScoringDate = epochStart(core.ring.serviceStart, latestRiskEpoch);
    if (lastContactTimestamp > 0) {
      answer.lastContactDate = lastContactTimestamp;
      answer.declarationToken = await signDeclarationStatement(core, registration);
    }
    return answer;
  }

  return {
    async register(clientPublicKey) {
      const keys = agreeKeys(core.vault.pair('registration').privateKey, clientPublicKey);
      if (keys === undefined) throw new GaletError('public-key-invalid');
      // The bundle is made inside: without one the account is not made either.
      return core.store.transaction('robert.register', async (db) => {
        const idA = await addAccount(db, core, keys, 'phone');
        return bundleOf(idA, keys);
      });
    },

    status: (request) =>
      core.store.transaction('robert.visit', async (db) => {
        const outcome = await authenticate(db, core, request, SALT_STATUS, 'phone');
        if (outcome.status !== 200) return { status: outcome.status };
        const { registration, keys } = outcome;
        const gap = core.parameters.statusGapEpochs;
        if (gap > 0 && currentEpoch() - registration.lastStatusRequestEpoch < gap) {
          await updateRegistration(db, registration.idA, {
            lastFailedStatusRequestEpoch: currentEpoch(),
            lastFailedStatusRequestMessage: GAP_MESSAGE,
          });
          return { status: 400 };
        }
        const answered = afterStatus(registration);
        const answer = await answerOf(answered, keys);
        const { isNotified, notifiedForCurrentRisk, lastStatusRequestEpoch, lastAnsweredRisk } = answered;
        await updateRegistration(db, registration.idA, {
          isNotified,
          notifiedForCurrentRisk,
          lastStatusRequestEpoch,
          lastAnsweredRisk,
        });
        return answer;
      }),

    unregister: (request) =>
      core.store.transaction('robert.unregister', async (db) => {
        const outcome = await authenticate(db, core, request, SALT_UNREGISTER, 'phone');
        if (outcome.status !== 200) return { status: outcome.status };
        await deleteRegistration(db, outcome.idA);
        await deleteIdentity(db, outcome.idA);
        return { status: 200 };
      }),

    deleteExposureHistory: (request) =>
      core.store.transaction('robert.unregister', async (db) => {
        const outcome = await authenticate(db, core, request, SALT_DELETE_HISTORY, 'phone');
        if (outcome.status !== 200) return { status: outcome.status };
        await clearExposures(db, outcome.idA);
        return { status: 200 };
      }),

    async isCodeAlive(code) {
      return (await core.codes.check(core.store.db, code, core.clock())) === 'alive';
    },

    async report(code, contacts) {
      await core.store.transaction('robert.report', async (db) => {
        await core.codes.burn(db, code, core.clock());
        await insertContacts(db, 'contacts', core.random, contacts);
      });
      return signReportStatement(core);
    },
  };
}
