import { concat, copyOf, u32 } from '../../../device/bytes.js';
import {
  requestMac,
  requestMacInput,
  SALT_DELETE_HISTORY,
  SALT_STATUS,
  SALT_UNREGISTER,
} from '../../../device/robert/requests.js';
import { hmac } from '../../../device/seal/hmac.js';
import { type KeyRing, makeEbid } from '../../../host/backend/robert/ebid.js';
import { keyDayOf } from '../../../host/backend/robert/keydays.js';
import {
  type AuthRequest,
  judgeRequest,
  openRequest,
  REFUSAL_CODES,
  type RefusalReason,
} from '../../../host/backend/robert/verify.js';
import { nodeDigest } from '../../../host/crypto.js';
import type { Check } from '../check.js';
import { FieldError, type Fields, hexOf } from '../fields.js';
import { NO_ECC, ringOf } from '../ring.js';
import type { CaseRunner, FileRunner } from '../runner.js';

const SALTS: Record<string, number> = {
  status: SALT_STATUS,
  unregister: SALT_UNREGISTER,
  deleteExposureHistory: SALT_DELETE_HISTORY,
  'none(hello salt)': 1,
};

/** How a case's MAC comes about; `requestMacInput` and an untouched HMAC unless said. */
interface Making {
  /** The MAC's input, for a client that lays it out wrongly. */
  input?(salt: number, request: AuthRequest, given: Uint8Array): Uint8Array;
  /** What must hold between the MAC given and the HMAC of the input given; equality unless said. */
  mac?(given: Uint8Array, hmac: Uint8Array): boolean;
  /** Days between the EBID's key and that of its epoch. */
  keyDay?: number;
  /** The epoch in the EBID is not the request's. */
  otherEpoch?: boolean;
}

const KINDS: Record<string, Making> = {
  valid: {},
  badMac: { mac: (given, expected) => bitsBetween(given, expected) === 1 },
  wrongSalt: { input: (salt, request, given) => layout(given[0] === salt ? 0 : given[0]!, request) },
  otherKey: { mac: (given, expected) => bitsBetween(given, expected) > 1 },
  epochMismatch: { otherEpoch: true },
  unknownId: {},
  noServerKey: {},
  mac3ByteEpoch: {
    input: (salt, { ebid, epochId, time }) =>
      concat([new Uint8Array([salt]), ebid, copyOf(u32(epochId), 1, 4), u32(time)]),
  },
  macLittleEndian: {
    input: (salt, { ebid, epochId, time }) =>
      concat([new Uint8Array([salt]), ebid, u32(epochId).reverse(), u32(time).reverse()]),
  },
  timeEdge: {},
  truncatedMac: { mac: (given, expected) => given.length === 16 && hexOf(expected).startsWith(hexOf(given)) },
  helloSalt: {},
  previousDayKey2020: { keyDay: -1 },
  deleteThenReplay: {},
};

const ERRORS: Record<RefusalReason, (request: AuthRequest) => string> = {
  'no-server-key': ({ epochId }) => `No server key found from cryptographic storage : ${epochId}`,
  'ebid-undecryptable': () => 'Could not decrypt ebid content',
  'identity-unknown': () => 'Could not find id',
  'mac-invalid': () => 'Invalid MAC',
};

function requestRunner(making: Making): CaseRunner {
  return (fields, meta, check) => {
    const request = requestOf(fields);
    const type = fields.text('type');
    const salt = SALTS[type];
    if (salt === undefined) throw new FieldError(`type: unknown type ${type}`);
    check.same('salt', salt, fields.byte('salt'));
    checkJson(fields, request, check);
    checkMac(fields, request, salt, making, check);

    const serviceStart = meta.integer('serviceStartNtp');
    const ring = ringOf(serviceStart, 0, NO_ECC, meta.part('serverKeys').part(fields.text('world')));
    checkEbid(fields, request, ring, making, check);
    const identities = new Map<string, Uint8Array>();
    if (!fields.isNull('kAuth')) identities.set(fields.text('id'), fields.bytes('kAuth', 32));
    checkVerdict('result', fields.part('result'), request, salt, ring, identities, check);
    if (fields.has('replay')) {
      identities.delete(fields.text('id'));
      checkVerdict('replay', fields.part('replay'), request, salt, ring, identities, check);
    }
  };
}

function requestOf(fields: Fields): AuthRequest {
  return {
    ebid: fields.bytes('ebid', 8),
    epochId: fields.integer('epochId'),
    time: fields.integer('time'),
    mac: fields.bytes('mac'),
  };
}

function layout(salt: number, { ebid, epochId, time }: AuthRequest): Uint8Array {
  return requestMacInput(salt, ebid, epochId, time);
}

/** The body as the app sends it says the same as the fields. */
function checkJson(fields: Fields, request: AuthRequest, check: Check): void {
  const json = fields.part('json');
  check.same('time32', u32(request.time), fields.bytes('time32', 4));
  check.same('json.ebid', json.base64('ebid'), fields.text('ebid'));
  check.same('json.epochId', json.integer('epochId'), request.epochId);
  check.same('json.time', json.base64('time'), fields.text('time32'));
  check.same('json.mac', json.base64('mac'), fields.text('mac'));
}

function checkMac(fields: Fields, request: AuthRequest, salt: number, making: Making, check: Check): void {
  const given = fields.bytes('macInput');
  const ours = making.input === undefined ? layout(salt, request) : making.input(salt, request, given);
  check.same('macInput', ours, given);
  if (fields.isNull('kAuth')) return;
  const kAuth = fields.bytes('kAuth', 32);
  const { ebid, epochId, time, mac } = request;
  const expected =
    making.input === undefined
      ? requestMac(nodeDigest, kAuth, salt, ebid, epochId, time)
      : hmac(nodeDigest, kAuth, [given]);
  if (making.mac === undefined) check.same('mac', expected, mac);
  else check.holds('mac', making.mac(mac, expected), `is not what ${fields.text('kind')} makes of ${hexOf(expected)}`);
}

function checkEbid(fields: Fields, request: AuthRequest, ring: KeyRing, making: Making, check: Check): void {
  const epoch = fields.integer('ebidEpoch');
  check.same('ebidEpoch is epochId', epoch === request.epochId, making.otherEpoch !== true);
  const key = ring.serverKey(keyDayOf(ring.serviceStart, epoch) + (making.keyDay ?? 0));
  if (key !== undefined) check.same('ebid', makeEbid(key, epoch, fields.bytes('id', 5)), request.ebid);
}

function checkVerdict(
  name: string,
  result: Fields,
  request: AuthRequest,
  salt: number,
  ring: KeyRing,
  identities: Map<string, Uint8Array>,
  check: Check,
): void {
  const opened = openRequest(ring, request);
  const id = opened.ok ? hexOf(opened.content.id) : null;
  const reason = opened.ok ? judgeRequest(request, salt, identities.get(id ?? '')) : opened.reason;
  check.same(`${name}.ok`, reason === undefined, result.flag('ok'));
  check.same(`${name}.id`, id, result.raw('id'));
  if (result.has('epoch')) check.same(`${name}.epoch`, opened.ok && opened.content.epoch, result.integer('epoch'));
  if (result.has('code')) check.same(`${name}.code`, reason && REFUSAL_CODES[reason], result.integer('code'));
  if (result.has('error')) check.same(`${name}.error`, reason && ERRORS[reason](request), result.text('error'));
}

function bitsBetween(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let bits = 0;
  for (const [index, byte] of a.entries()) bits += (byte ^ b[index]!).toString(2).replaceAll('0', '').length;
  return bits;
}

export const requestsRunner: FileRunner = {
  name: 'requests',
  recognises: (fields) => fields.has('macInput'),
  runnerOf: (kind) => {
    const making = KINDS[kind];
    return making === undefined ? undefined : requestRunner(making);
  },
};
