/**
 * What a token can ask for through its courier (docs/spec/visit.md). The requests are ROBERT's, the answers sealed for
 * the token alone and all of one size.
 */
import { ascii } from '../../../device/bytes.js';
import { SALT_STATUS, SALT_UNREGISTER } from '../../../device/robert/requests.js';
import { epochAt, utcDay } from '../../../device/robert/time.js';
import {
  ANSWER_DAYS,
  type AnswerHead,
  answerKey,
  NONCE_LENGTH,
  ORDER_END,
  ORDER_ERASE,
  ORDER_RENEWED,
  SALT_LENGTH,
  sealDay,
  sealHead,
} from '../../../device/seal/answer.js';
import { hmac } from '../../../device/seal/hmac.js';
import { nodeDigest } from '../../crypto.js';
import { GaletError } from '../../errors.js';
import { hasEnded } from '../admin/upkeep.js';
import { deleteRegistration, type Registration, updateRegistration } from '../store/registrations.js';
import type { Db } from '../store/store.js';
import { insertWipe } from '../store/wipes.js';
import { addAccount, offerKeys } from './accounts.js';
import { type AuthOutcome, authenticate } from './authenticate.js';
import { type Core, randomBytes } from './core.js';
import { keyDayOf } from './keydays.js';
import type { SealedAnswer, TokenRequest, TokenService } from './port.js';
import { agreeKeys, type ClientKeys } from './registration.js';
import { tokenDays } from './tuples.js';

/** How long the keys of an unregistered token wait for the proof that it erased itself. */
const WIPE_WAIT_DAYS = 30;
const WIPED = ascii('galet wiped');
const NO_NONCE = new Uint8Array(NONCE_LENGTH);
/** What the first load is bound to in the place of a request's MAC. */
const NO_MAC = new Uint8Array(32);

/** What differs from answer to answer. */
interface Content {
  riskLevel: 0 | 4;
  contactDay: number;
  orders: number;
  wipeNonce: Uint8Array;
  /** Number of the firmware version that the token may go over to; 0 for none. */
  release: number;
}

const NOTHING: Content = { riskLevel: 0, contactDay: 0, orders: 0, wipeNonce: NO_NONCE, release: 0 };

export function createTokenService(core: Core): TokenService {
  const { parameters, ring } = core;
  const lastMoment = parameters.endTime > 0 ? parameters.endTime : Number.POSITIVE_INFINITY;

  function seal(
    idA: Uint8Array,
    keys: ClientKeys,
    binding: { nonce: Uint8Array; mac: Uint8Array },
    content: Content,
  ): SealedAnswer {
    const now = core.clock();
    const salt = randomBytes(core, SALT_LENGTH);
    const key = answerKey(nodeDigest, keys.kEnc, binding.nonce, binding.mac, salt);
    const head: AnswerHead = {
      ...content,
      time: Math.floor(now),
      timeMillis: Math.floor((now % 1) * 1000),
      endTime: parameters.endTime,
      serviceStart: parameters.serviceStart,
      firstDay: utcDay(now),
      dayCount: ANSWER_DAYS,
      visitDays: parameters.visitDays,
      phone: parameters.phone,
    };
    // A token that is to erase itself gets no identifiers, in an answer of the same size.
    const until = (content.orders & (ORDER_ERASE | ORDER_END)) === 0 ? lastMoment : 0;
    const days = tokenDays(ring, idA, now, until);
    return {
      head: sealHead(nodeDigest, key, salt, head),
      days: days.map((day, index) => sealDay(nodeDigest, key, index, day)),
    };
  }

  function refuse(outcome: { status: 400 | 404 | 430 }): GaletError {
    if (outcome.status === 400) return new GaletError('request-refused');
    return new GaletError(outcome.status === 404 ? 'registration-unknown' : 'token-unknown');
  }

  /** The answer to an authentic status: what is known now, or inside the status gap what was answered before. */
  async function answerStatus(db: Db, registration: Registration): Promise<Content> {
    const { atRisk, isNotified, lastStatusRequestEpoch, lastContactTimestamp } = registration;
    const current = epochAt(ring.serviceStart, core.clock());
    const contentOf = (riskLevel: 0 | 4): Content => {
      const isEnd = hasEnded(parameters, core.clock());
      if (isEnd) return { ...NOTHING, orders: ORDER_END };
      return { ...NOTHING, riskLevel, contactDay: riskLevel === 0 ? 0 : lastContactTimestamp };
    };
    if (current - lastStatusRequestEpoch < parameters.statusGapEpochs) return contentOf(registration.lastAnsweredRisk);
    const riskLevel = atRisk ? 4 : 0;
    await updateRegistration(db, registration.idA, {
      isNotified: isNotified || atRisk,
      notifiedForCurrentRisk: true,
      lastStatusRequestEpoch: current,
      lastAnsweredRisk: riskLevel,
    });
    return contentOf(riskLevel);
  }

  /** Whether the token sent a share of new keys, which the server now has; undefined for a share that is none. */
  async function renew(db: Db, idA: Uint8Array, request: TokenRequest): Promise<boolean | undefined> {
    if (request.renewal === undefined) return false;
    const keys = await core.openShare(request.renewal.share);
    if (keys === undefined) return undefined;
    await offerKeys(db, core, idA, keys);
    return true;
  }

  async function expectWipe(db: Db, idA: Uint8Array, keys: ClientKeys): Promise<Content> {
    const wipeNonce = randomBytes(core, NONCE_LENGTH);
    const proof = hmac(nodeDigest, keys.kAuth, [WIPED, wipeNonce]);
    await insertWipe(db, proof, idA, utcDay(core.clock()) + WIPE_WAIT_DAYS);
    return { ...NOTHING, orders: ORDER_ERASE, wipeNonce };
  }

  return {
    async registerToken(clientPublicKey, nonce) {
      if (hasEnded(parameters, core.clock())) throw new GaletError('service-ended');
      if (ring.serverKey(keyDayOf(ring.serviceStart, epochAt(ring.serviceStart, core.clock()))) === undefined) {
        throw new GaletError('key-missing', { key: 'server key of today' });
      }
      const keys = agreeKeys(core.vault.pair('registration').privateKey, clientPublicKey);
      if (keys === undefined) throw new GaletError('public-key-invalid');
      const idA = await core.store.transaction('robert.register', (db) => addAccount(db, core, keys, 'token'));
      return seal(idA, keys, { nonce, mac: NO_MAC }, NOTHING);
    },

    async visit(request: TokenRequest, release = 0) {
      const result = await core.store.transaction('robert.visit', async (db) => {
        const outcome = await authenticate(db, core, request, SALT_STATUS, 'token');
        if (outcome.status !== 200) return refuse(outcome);
        const renewed = await renew(db, outcome.idA, request);
        if (renewed === undefined) return refuse({ status: 400 });
        const content = await answerStatus(db, outcome.registration);
        const orders = content.orders | (renewed ? ORDER_RENEWED : 0);
        return { outcome, content: { ...content, orders, release } };
      });
      if (result instanceof GaletError) throw result;
      return seal(result.outcome.idA, result.outcome.keys, request, result.content);
    },

    async unregisterToken(request: TokenRequest) {
      const result = await core.store.transaction('robert.unregister', async (db) => {
        const outcome: AuthOutcome = await authenticate(db, core, request, SALT_UNREGISTER, 'token');
        // Without a registration it has asked before, and the answer got lost: the order is given again.
        if (outcome.status !== 200 && outcome.status !== 404) return refuse(outcome);
        await deleteRegistration(db, outcome.idA);
        return { outcome, content: await expectWipe(db, outcome.idA, outcome.keys) };
      });
      if (result instanceof GaletError) throw result;
      return seal(result.outcome.idA, result.outcome.keys, request, result.content);
    },
  };
}
