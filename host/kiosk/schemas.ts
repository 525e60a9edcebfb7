/** Shapes of the kiosk's requests and answers; bytes travel as base64 of a fixed length. */
import { type TString, Type } from '@sinclair/typebox';

/** Base64 of exactly `length` bytes. */
function base64(length: number): TString {
  const whole = Math.floor(length / 3) * 4;
  const rest = length % 3;
  const tail = rest === 0 ? '' : rest === 1 ? '[A-Za-z0-9+/]{2}==' : '[A-Za-z0-9+/]{3}=';
  return Type.String({ pattern: `^[A-Za-z0-9+/]{${whole}}${tail}$` });
}

const U32 = Type.Integer({ minimum: 0, maximum: 0xffffffff });
/** A short code or a signed token; what else it must be, only the server knows. */
const CODE = Type.String({ pattern: '^[0-9A-Za-z._-]{1,1024}$' });
const HEADER = Type.String({ pattern: '^[A-Za-z0-9+/]{44,1400}={0,2}$' });
const closed = { additionalProperties: false };

export const IdParameters = Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{32}$' }) });

/** An authenticated request of a token, made by the token itself. */
const REQUEST = { ebid: base64(8), epochId: U32, time: base64(4), mac: base64(32), nonce: base64(16) };

export const UnregisterRequest = Type.Object(REQUEST, closed);

const NAME = Type.String({ maxLength: 32 });

/**
 * A status may bring the token's share of new keys, and what the token runs; that nobody has half of either is the
 * server's business.
 */
export const VisitRequest = Type.Object(
  {
    ...REQUEST,
    share: Type.Optional(base64(32)),
    shareMac: Type.Optional(base64(32)),
    board: Type.Optional(NAME),
    firmware: Type.Optional(NAME),
  },
  closed,
);

export const BoardParameters = Type.Object({ board: Type.String({ minLength: 1, maxLength: 32 }) });

export const WipeProof = Type.Object({ proof: base64(32) }, closed);

export const CodeQuestion = Type.Object({ code: CODE }, closed);

export const NewToken = Type.Object({ clientPublicECDHKey: base64(91), nonce: base64(16) }, closed);

export const DraftBody = Type.Object(
  { code: CODE, encs: Type.Union([base64(32), base64(64)]), header: HEADER, firstBatch: U32, lastBatch: U32 },
  closed,
);

export const Progress = Type.Object({
  state: Type.String(),
  nextBatch: Type.Integer(),
  batches: Type.Integer(),
});

export const State = Type.Object({ state: Type.String() });

export const ReportAnswer = Type.Object({
  state: Type.String(),
  receipt: Type.Optional(Type.String()),
  refusal: Type.Optional(Type.String()),
});

export const QueueAnswer = Type.Object({
  waiting: Type.Integer(),
  overdue: Type.Integer(),
  drafts: Type.Integer(),
  receipts: Type.Integer(),
  refused: Type.Record(Type.String(), Type.Integer()),
  hindrance: Type.String(),
  backend: Type.String(),
});
