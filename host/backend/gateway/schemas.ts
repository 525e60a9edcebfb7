/** Shapes of /galet/v1: every request is checked against its schema, every answer is written by it (docs/spec/http.md). */
import { type TString, Type } from '@sinclair/typebox';

const closed = { additionalProperties: false };

/** Base64 of exactly `length` bytes. */
function base64(length: number): TString {
  const whole = Math.floor(length / 3) * 4;
  const rest = length % 3;
  const tail = rest === 0 ? '' : rest === 1 ? '[A-Za-z0-9+/]{2}==' : '[A-Za-z0-9+/]{3}=';
  return Type.String({ pattern: `^[A-Za-z0-9+/]{${whole}}${tail}$`, description: `${length} bytes in base64` });
}

const U32 = Type.Integer({ minimum: 0, maximum: 0xffffffff });

export const ParametersAnswer = Type.Object({
  serviceStart: Type.Integer(),
  countryCode: Type.Integer(),
  registrationKey: Type.String(),
  gatewayKey: Type.String(),
  visitDays: Type.Integer(),
  reportDelaySeconds: Type.Integer(),
  endTime: Type.Integer(),
});

export const ClockAnswer = Type.Object({ time: Type.Number({ description: 'NTP seconds, fractional' }) });

export const NewToken = Type.Object({ clientPublicECDHKey: base64(91), nonce: base64(16) }, closed);

const REQUEST = { ebid: base64(8), epochId: U32, time: base64(4), mac: base64(32), nonce: base64(16) };

export const UnregisterBody = Type.Object(REQUEST, closed);

const NAME = Type.String({ maxLength: 32 });
const STATUS = { ...REQUEST, board: Type.Optional(NAME), firmware: Type.Optional(NAME) };

/** A status may bring a share of new keys, half of which is no renewal; and what the token runs. */
export const VisitBody = Type.Union([
  Type.Object(STATUS, closed),
  Type.Object({ ...STATUS, share: base64(32), shareMac: base64(32) }, closed),
]);

export const Answer = Type.Object({ head: Type.String(), days: Type.Array(Type.String()) });

export const WipeProof = Type.Object({ proof: base64(32) }, closed);
export const WipeAnswer = Type.Object({ verified: Type.Boolean() });

export const NewCode = Type.Object({ kind: Type.Union([Type.Literal('short'), Type.Literal('jwt')]) }, closed);
export const CodeAnswer = Type.Object({ code: Type.String(), validUntil: Type.Integer() });

export const CodeQuestion = Type.Object({ code: Type.String({ minLength: 1, maxLength: 2048 }) }, closed);
export const CodeStateAnswer = Type.Object({
  state: Type.Union(['alive', 'unknown', 'used', 'expired'].map((state) => Type.Literal(state))),
});

export const ReceiptAnswer = Type.Object({ receipt: Type.String() });

export const BoardParameters = Type.Object({ board: Type.String({ minLength: 1, maxLength: 32 }) });

/** A signed object as its file has it. */
const Signed = Type.Object({
  galet: Type.Integer(),
  kind: Type.String(),
  body: Type.String(),
  signatures: Type.Array(Type.Object({ key: Type.String(), signature: Type.String() })),
});

export const ReleasesAnswer = Type.Object({
  roots: Type.Array(Signed),
  configuration: Type.Optional(Signed),
  release: Type.Optional(Signed),
});

export const FleetAnswer = Type.Object({
  days: Type.Integer(),
  versions: Type.Array(Type.Object({ board: Type.String(), version: Type.String(), visits: Type.Integer() })),
  hidden: Type.Integer(),
});
