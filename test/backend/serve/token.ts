/** A token as the server sees one: keys, identifiers from the sealed answer, authenticated requests. */
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { ascii } from '../../../device/bytes.js';
import { requestMac } from '../../../device/robert/requests.js';
import { epochAt } from '../../../device/robert/time.js';
import {
  type AnswerHead,
  answerKey,
  isAuthenticDay,
  openHead,
  openIdentifier,
  saltOf,
} from '../../../device/seal/answer.js';
import { hmac } from '../../../device/seal/hmac.js';
import type { BackendClient } from '../../../host/backend/client.js';
import type { Running } from '../../../host/backend/fleet.js';
import type { SealedAnswer, TokenRequest } from '../../../host/backend/robert/port.js';
import { type ClientKeys, deriveClientKeys, sharedSecret } from '../../../host/backend/robert/registration.js';
import { nodeDigest, nodeRandom } from '../../../host/crypto.js';

export class TestToken {
  private head!: AnswerHead;
  private key!: Uint8Array;
  private sealedDays!: Uint8Array[];

  private constructor(readonly keys: ClientKeys) {}

  static async register(client: BackendClient, credential: string): Promise<TestToken> {
    const { registrationKey } = await client.parameters();
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const server = createPublicKey({ key: Buffer.from(registrationKey), format: 'der', type: 'spki' });
    const token = new TestToken(deriveClientKeys(sharedSecret(pair.privateKey, server)));
    const nonce = new Uint8Array(16);
    nodeRandom.fill(nonce);
    const spki = new Uint8Array(pair.publicKey.export({ format: 'der', type: 'spki' }));
    token.apply(await client.registerToken(credential, spki, nonce), nonce, new Uint8Array(32));
    return token;
  }

  /** Opens an answer as the token would; throws when any of it is not authentic. */
  apply(answer: SealedAnswer, nonce: Uint8Array, mac: Uint8Array): AnswerHead {
    this.key = answerKey(nodeDigest, this.keys.kEnc, nonce, mac, saltOf(answer.head));
    this.head = openHead(nodeDigest, this.key, answer.head);
    for (const [index, day] of answer.days.entries()) {
      if (!isAuthenticDay(nodeDigest, this.key, index, day)) throw new Error(`day ${index} is forged`);
    }
    this.sealedDays = answer.days;
    return this.head;
  }

  /** EBID (8) and ECC (1) at `time`, undefined when there is none. */
  identifier(time: number): { ebid: Uint8Array; ecc: number; epoch: number } | undefined {
    const day = Math.floor(time / 86_400) - this.head.firstDay;
    const sealed = this.sealedDays[day];
    const ofDay = Math.floor((time % 86_400) / 900);
    const nine = sealed && openIdentifier(nodeDigest, this.key, day, ofDay, sealed.subarray(9 * ofDay, 9 * ofDay + 9));
    if (nine === undefined) return undefined;
    return { ebid: nine.subarray(0, 8), ecc: nine[8]!, epoch: epochAt(this.head.serviceStart, time) };
  }

  request(salt: number, time: number, identifierAt = time): TokenRequest {
    const { ebid, epoch } = this.identifier(identifierAt)!;
    const whole = Math.floor(time);
    const nonce = new Uint8Array(16);
    nodeRandom.fill(nonce);
    const mac = requestMac(nodeDigest, this.keys.kAuth, salt, ebid, epoch, whole);
    return { ebid: new Uint8Array(ebid), epochId: epoch, time: whole, mac, nonce };
  }

  async visit(client: BackendClient, time: number, running?: Running): Promise<AnswerHead> {
    const request = this.request(2, time);
    return this.apply(await client.visit(request, running), request.nonce, request.mac);
  }

  wipeProof(head: AnswerHead): Uint8Array {
    return hmac(nodeDigest, this.keys.kAuth, [ascii('galet wiped'), head.wipeNonce]);
  }

  /** First five bytes of the HELLO's MAC at `time`. */
  helloMac(time: number): { time16: number; mac: Uint8Array } {
    const { ebid, ecc } = this.identifier(time)!;
    const time16 = Math.floor(time) % 0x10000;
    const hello = new Uint8Array([1, ecc, ...ebid, time16 >> 8, time16 & 0xff]);
    return { time16, mac: hmac(nodeDigest, this.keys.kAuth, [hello]).subarray(0, 5) };
  }
}
