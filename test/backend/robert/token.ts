/** The token's side of registration and visits, with the token's own code for requests and answers. */
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { ascii } from '../../../device/bytes.js';
import { requestMac, SALT_STATUS, SALT_UNREGISTER } from '../../../device/robert/requests.js';
import { utcDay } from '../../../device/robert/time.js';
import {
  type AnswerHead,
  answerKey,
  IDENTIFIER_LENGTH,
  isAuthenticDay,
  openHead,
  openIdentifier,
  saltOf,
} from '../../../device/seal/answer.js';
import { hmac } from '../../../device/seal/hmac.js';
import type { SealedAnswer, TokenRequest } from '../../../host/backend/robert/port.js';
import { type ClientKeys, deriveClientKeys } from '../../../host/backend/robert/registration.js';
import { renewalMac } from '../../../host/backend/robert/shares.js';
import { nodeDigest, nodeRandom } from '../../../host/crypto.js';
import type { World } from './world.js';

export class TestToken {
  kAuth = new Uint8Array(0);
  #kEnc = new Uint8Array(0);
  #days: Uint8Array[] = [];
  #key = new Uint8Array(0);
  head: AnswerHead | undefined;
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(private readonly world: World) {}

  get publicKey(): Uint8Array {
    return new Uint8Array(this.#pair.publicKey.export({ format: 'der', type: 'spki' }));
  }

  async register(): Promise<SealedAnswer> {
    const nonce = new Uint8Array(16);
    nodeRandom.fill(nonce);
    const answer = await this.world.robert.registerToken(this.publicKey, nonce);
    const spki = Buffer.from(this.world.vault.pair('registration').publicKey);
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const shared = new Uint8Array(diffieHellman({ privateKey: this.#pair.privateKey, publicKey }));
    const keys = deriveClientKeys(shared);
    this.kAuth = Uint8Array.from(keys.kAuth);
    this.#kEnc = Uint8Array.from(keys.kEnc);
    this.open(answer, nonce, new Uint8Array(32));
    return answer;
  }

  /** Opens an answer as the token does; throws the token's faults. */
  open(answer: SealedAnswer, nonce: Uint8Array, mac: Uint8Array): AnswerHead {
    const key = answerKey(nodeDigest, this.#kEnc, nonce, mac, saltOf(answer.head));
    this.head = openHead(nodeDigest, key, answer.head);
    for (const [index, day] of answer.days.entries()) {
      if (!isAuthenticDay(nodeDigest, key, index, day)) throw new Error(`day ${index} is not authentic`);
    }
    this.#days = answer.days;
    this.#key = Uint8Array.from(key);
    return this.head;
  }

  /** EBID and ECC of `epoch`, from the last answer. */
  identifier(epoch: number): { ebid: Uint8Array; ecc: number } | undefined {
    const start = this.world.parameters.serviceStart + epoch * 900;
    const day = utcDay(start) - this.head!.firstDay;
    const ofDay = (start % 86400) / 900;
    const block = this.#days[day];
    if (block === undefined) return undefined;
    const sealed = block.subarray(ofDay * IDENTIFIER_LENGTH, (ofDay + 1) * IDENTIFIER_LENGTH);
    const plain = openIdentifier(nodeDigest, this.#key, day, ofDay, sealed);
    return plain && { ebid: plain.subarray(0, 8), ecc: plain[8]! };
  }

  request(kind: 'status' | 'unregister', epoch = this.world.epoch(), time = this.world.now()): TokenRequest {
    const nonce = new Uint8Array(16);
    nodeRandom.fill(nonce);
    const { ebid } = this.identifier(epoch)!;
    const salt = kind === 'status' ? SALT_STATUS : SALT_UNREGISTER;
    const whole = Math.floor(time);
    return {
      ebid,
      epochId: epoch,
      time: whole,
      mac: requestMac(nodeDigest, this.kAuth, salt, ebid, epoch, whole),
      nonce,
    };
  }

  /** Adds a share to a status request, under the token's own K_auth or another. */
  renewing(request: TokenRequest, share: Uint8Array, kAuth: Uint8Array = this.kAuth): TokenRequest {
    return { ...request, renewal: { share, mac: renewalMac(kAuth, share, request.mac) } };
  }

  get keys(): ClientKeys {
    return { kAuth: this.kAuth, kEnc: this.#kEnc };
  }

  /** Goes over to other keys. */
  use(keys: ClientKeys): void {
    this.kAuth = Uint8Array.from(keys.kAuth);
    this.#kEnc = Uint8Array.from(keys.kEnc);
  }

  async visit(): Promise<AnswerHead> {
    const request = this.request('status');
    return this.open(await this.world.robert.visit(request), request.nonce, request.mac);
  }

  wipeProof(): Uint8Array {
    return hmac(nodeDigest, this.kAuth, [ascii('galet wiped'), this.head!.wipeNonce]);
  }
}
