/**
 * Setting a token up: the authority's keys and configuration where there are some, its own first keys and ticket, which it
 * will replace by others, the gateway's key that it makes those for, and its first 21 days of identifiers.
 */
import { LIFE_BLANK } from '../../device/link/messages.js';
import type { Random } from '../../device/ports.js';
import { checkpoint } from '../checkpoint.js';
import { GaletError } from '../errors.js';
import { introduce } from '../link/visit/update.js';
import { deliverAnswer, type Hello, type Visit } from '../link/visit/visit.js';
import { agreeKeys } from './keys.js';
import { makeTicket } from './ticket.js';

export interface ProvisionOptions {
  /** The operator credential, which the kiosk passes on and does not keep. */
  credential: string;
  random: Random;
}

const NONCE_LENGTH = 16;

/**
 * Registers a token and loads it. The token stays blank until the last day is applied, so a cut costs one unused
 * identity at the server, never a half-made token; the command can be repeated. Throws 'token-provisioned',
 * 'operator-refused', 'backend-unreachable', 'update-refused', 'answer-refused'.
 */
export async function provisionToken(visit: Visit, options: ProvisionOptions): Promise<Hello> {
  visit.progress({ step: 'hello' });
  const hello = await visit.token.ask('hello', {});
  if (hello.life !== LIFE_BLANK) throw new GaletError('token-provisioned');
  await introduce(visit, hello.board);
  visit.progress({ step: 'keys' });
  const parameters = await visit.counter.parameters();
  const keys = agreeKeys(parameters.registrationKey, options.random);
  const ticket = await makeTicket(parameters.gatewayKey, options.random);
  const nonce = new Uint8Array(NONCE_LENGTH);
  options.random.fill(nonce);
  visit.progress({ step: 'carry' });
  const answer = await visit.counter.register(keys.publicKey, nonce, options.credential);
  checkpoint('cli.provision', 'before');
  const { kAuth, kEnc } = keys;
  const { gatewayKey } = parameters;
  await visit.token.ask('provision', { kAuth, kEnc, enc: ticket.enc, secret: ticket.secret, nonce, gatewayKey });
  checkpoint('cli.provision', 'after');
  await deliverAnswer(visit, answer);
  return await visit.token.ask('hello', {});
}
