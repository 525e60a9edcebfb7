import { createHmac, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { CipherSuite, DhkemX25519HkdfSha256, ExportOnly, HkdfSha256 } from '@hpke/core';
import { describe, expect, it } from 'vitest';
import { LIFE_BLANK, type RequestOf } from '../../device/link/messages.js';
import { nodeRandom } from '../../host/crypto.js';
import { GaletError } from '../../host/errors.js';
import { agreeKeys } from '../../host/provision/keys.js';
import { provisionToken } from '../../host/provision/provision.js';
import { makeTicket } from '../../host/provision/ticket.js';
import { Stage } from '../link/visit/scripted.js';
import { UpdatingStage } from '../link/visit/updating.js';
import { root } from '../support/release-keys.js';

const encoder = new TextEncoder();

describe('a token’s keys', () => {
  it('are the ones that the server derives (ROBERT: ECDH, then HMAC over "mac" and "tuples")', () => {
    for (let run = 0; run < 50; run++) {
      const server = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const keys = agreeKeys(new Uint8Array(server.publicKey.export({ format: 'der', type: 'spki' })));
      expect(keys.publicKey).toHaveLength(91);
      const publicKey = createPublicKey({ key: Buffer.from(keys.publicKey), format: 'der', type: 'spki' });
      const shared = diffieHellman({ privateKey: server.privateKey, publicKey });
      expect(shared).toHaveLength(32);
      expect(Buffer.from(keys.kAuth)).toEqual(createHmac('sha256', shared).update('mac').digest());
      expect(Buffer.from(keys.kEnc)).toEqual(createHmac('sha256', shared).update('tuples').digest());
    }
  });
});

describe('a host-made ticket', () => {
  it('is opened by the gateway’s key, and by no other', async () => {
    const kem = new DhkemX25519HkdfSha256();
    const suite = new CipherSuite({ kem, kdf: new HkdfSha256(), aead: new ExportOnly() });
    const gateway = await kem.generateKeyPair();
    const ticket = await makeTicket(new Uint8Array(await kem.serializePublicKey(gateway.publicKey)));
    const secretBy = async (recipientKey: Awaited<ReturnType<typeof kem.generateKeyPair>>): Promise<Uint8Array> => {
      const enc = new Uint8Array(ticket.enc).buffer;
      const context = await suite.createRecipientContext({ recipientKey, enc, info: encoder.encode('galet log v1') });
      return new Uint8Array(await context.export(encoder.encode('root'), 32));
    };
    expect(ticket.enc).toHaveLength(32);
    expect(await secretBy(gateway)).toEqual(ticket.secret);
    expect(await secretBy(await kem.generateKeyPair())).not.toEqual(ticket.secret);
  });
});

describe('provisionToken', () => {
  function blankStage<S extends Stage>(stage: S): S {
    stage.token.life = LIFE_BLANK;
    const registration = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey;
    const gateway = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
    stage.counter.parameters = async () => ({
      registrationKey: new Uint8Array(registration.export({ format: 'der', type: 'spki' })),
      gatewayKey: new Uint8Array(Buffer.from(String(gateway.x), 'base64url')),
    });
    return stage;
  }
  const options = { credential: 'operator-secret', random: nodeRandom };

  it('registers, hands keys and ticket over, and loads the identifiers', async () => {
    const stage = blankStage(new Stage());
    const given: RequestOf<'provision'>[] = [];
    const registered: { clientKey: Uint8Array; nonce: Uint8Array; credential: string }[] = [];
    const { register } = stage.counter;
    stage.counter.register = async (clientKey?: Uint8Array, nonce?: Uint8Array, credential?: string) => {
      registered.push({ clientKey: clientKey!, nonce: nonce!, credential: credential! });
      return await register.call(stage.counter);
    };
    const visit = stage.visit();
    const { ask } = visit.token;
    visit.token.ask = (name, fields) => {
      if (name === 'provision') given.push(fields as unknown as RequestOf<'provision'>);
      return ask(name, fields);
    };
    expect((await provisionToken(visit, options)).goodForDays).toBe(14);
    expect(stage.token.applied).toBe(1);
    expect(registered).toEqual([
      { clientKey: expect.any(Uint8Array), nonce: given[0]?.nonce, credential: 'operator-secret' },
    ]);
    expect(given[0]).toMatchObject({
      kAuth: { length: 32 },
      kEnc: { length: 32 },
      enc: { length: 32 },
      secret: { length: 32 },
      // What the token will make its own ticket and keys for: the gateway's, as the server tells it.
      gatewayKey: (await stage.counter.parameters()).gatewayKey,
    });
    expect(stage.steps()).toEqual(['hello', 'keys', 'carry', 'days']);
  });

  it('brings the authority’s keys and configuration first, and goes no further when the token refuses them', async () => {
    const stage = blankStage(UpdatingStage.published());
    const { roots } = stage.counter.published;
    stage.counter.published.roots = [root({ signers: [0] })];
    await expect(provisionToken(stage.visit(), options)).rejects.toMatchObject({ code: 'update-refused' });
    expect(stage.token.asked).not.toContain('provision');
    stage.counter.published.roots = roots;
    await provisionToken(stage.visit(), options);
    expect(stage.steps()).toEqual(['hello', 'signatures', 'hello', 'signatures', 'keys', 'carry', 'days']);
    expect(stage.token.answer('trust', {})).toMatchObject({ root: 1, configuration: 1 });
  });

  it('touches neither server nor token when the token is in use', async () => {
    const stage = new Stage();
    await expect(provisionToken(stage.visit(), options)).rejects.toMatchObject({ code: 'token-provisioned' });
    expect(stage.token.asked).toEqual(['hello']);
  });

  it('leaves a blank token when it is refused or cut, and works when repeated', async () => {
    const stage = blankStage(new Stage());
    const { register } = stage.counter;
    stage.counter.register = async () => {
      throw new GaletError('operator-refused');
    };
    await expect(provisionToken(stage.visit(), options)).rejects.toMatchObject({ code: 'operator-refused' });
    expect(stage.token.asked).not.toContain('provision');
    stage.counter.register = register;
    stage.token.days = 30;
    await expect(provisionToken(stage.visit(), options)).rejects.toMatchObject({ code: 'answer-refused' });
    expect(stage.token.life).toBe(LIFE_BLANK);
    stage.token.days = 22;
    await provisionToken(stage.visit(), options);
    expect(stage.token.applied).toBe(1);
  });
});
