import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULTS, type FaultName, fault } from '../../device/faults.js';
import { decode, encode, type Value } from '../../device/link/cbor.js';
import {
  CHUNK_BYTES,
  ERROR_REPLY,
  type Field,
  type FieldValue,
  MESSAGES,
  type MessageName,
  packError,
  packReply,
  REPLY,
  type ReplyOf,
  type RequestOf,
  refusalFrom,
  replyFrom,
  requestValues,
  type Shape,
  unpackRequest,
} from '../../device/link/messages.js';
import { ANSWER_DAYS, SEALED_DAY_LENGTH, SEALED_HEAD_LENGTH } from '../../device/seal/answer.js';
import { decodeValue, encodeValue } from '../../host/link/codec.js';

interface Golden {
  message: MessageName;
  direction: 'request' | 'reply';
  /** Bytes as { hex }. */
  fields: Record<string, number | string | { hex: string }>;
  hex: string;
}

interface GoldenFile {
  messages: Golden[];
  errors: { fault: FaultName; detail: number; hex: string }[];
}

const golden = JSON.parse(readFileSync(new URL('messages.golden.json', import.meta.url), 'utf8')) as GoldenFile;
const NAMES = Object.keys(MESSAGES) as MessageName[];

type Fields = Record<string, FieldValue>;

function fieldsOf({ fields }: Golden): Fields {
  const entries = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'object' ? new Uint8Array(Buffer.from(value.hex, 'hex')) : value,
  ]);
  return Object.fromEntries(entries) as Fields;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

function arbitraryField(field: Field): fc.Arbitrary<FieldValue> {
  if (field.kind === 'number') return fc.integer({ min: field.min, max: field.max });
  const length = { minLength: field.min, maxLength: Math.min(field.max, 1200) };
  if (field.kind === 'bytes') return fc.uint8Array({ ...length, size: 'max' }).map((bytes) => new Uint8Array(bytes));
  return fc.string({ unit: fc.constantFrom('A', 'z', '0', '-', '.', ' '), ...length });
}

function arbitraryFields(shape: Shape): fc.Arbitrary<Fields> {
  return fc.record(Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, arbitraryField(field)])));
}

describe('every message', () => {
  it('has a golden vector each way', () => {
    for (const name of NAMES) {
      for (const direction of ['request', 'reply']) {
        const vectors = golden.messages.filter((vector) => vector.message === name && vector.direction === direction);
        expect(vectors.length, `${name} ${direction}`).toBeGreaterThan(0);
      }
    }
  });

  it.each(
    golden.messages.map((vector, i) => [`${i} ${vector.message} ${vector.direction}`, vector] as const),
  )('matches vector %s on both sides', (_, vector) => {
    const fields = fieldsOf(vector);
    const name = vector.message;
    if (vector.direction === 'request') {
      expect(hex(encodeValue(requestValues(name, fields as RequestOf<typeof name>)))).toBe(vector.hex);
      expect(unpackRequest(bytesOf(vector.hex))).toEqual({ name, fields });
    } else {
      expect(hex(packReply(name, fields as ReplyOf<typeof name>))).toBe(vector.hex);
      expect(replyFrom(name, decodeValue(bytesOf(vector.hex)))).toEqual(fields);
    }
  });

  it.each(golden.errors.map((vector) => [vector.fault, vector] as const))('refuses with vector %s', (_, vector) => {
    expect(hex(packError(fault(vector.fault, undefined, vector.detail)))).toBe(vector.hex);
    expect(refusalFrom(decodeValue(bytesOf(vector.hex)))).toMatchObject({
      fault: vector.fault,
      detail: vector.detail,
    });
  });

  it.each(NAMES)('%s gives back any fields within its bounds', (name) => {
    const message = MESSAGES[name];
    fc.assert(
      fc.property(arbitraryFields(message.request), arbitraryFields(message.reply), (asked, answered) => {
        const request = encodeValue(requestValues(name, asked as RequestOf<typeof name>));
        expect(unpackRequest(request)).toEqual({ name, fields: asked });
        const reply = packReply(name, answered as ReplyOf<typeof name>);
        expect(replyFrom(name, decodeValue(reply))).toEqual(answered);
      }),
      { numRuns: 30 },
    );
  });

  it('is refused outside of its bounds, when sent and when received', () => {
    for (const vector of golden.messages) {
      const shape: Shape = MESSAGES[vector.message][vector.direction];
      const good = decode(bytesOf(vector.hex)) as Value[];
      Object.entries(shape).forEach(([field, { kind, min, max }], i) => {
        const wrong: Value[] = [[], kind === 'number' ? 'text' : 7];
        if (kind === 'number') wrong.push(...[min - 1, max + 1].filter((n) => n >= 0 && n <= 0xffffffff));
        if (kind === 'bytes') wrong.push('text', new Uint8Array(max + 1));
        if (kind === 'bytes' && min > 0) wrong.push(new Uint8Array(min - 1));
        if (kind === 'text') wrong.push(new Uint8Array(3), 'a'.repeat(max + 1));
        for (const value of wrong) {
          const received = encode(good.map((item, at) => (at === i + 2 ? value : item)));
          const sent = { ...fieldsOf(vector), [field]: value as FieldValue };
          const name = vector.message;
          if (vector.direction === 'request') {
            expect(() => unpackRequest(received)).toThrow('message-malformed');
            expect(() => requestValues(name, sent as RequestOf<typeof name>)).toThrow('message-malformed');
          } else {
            expect(() => replyFrom(name, decode(received))).toThrow('message-malformed');
            expect(() => packReply(name, sent as ReplyOf<typeof name>)).toThrow('message-malformed');
          }
        }
      });
    }
  });
});

describe('a request', () => {
  it.each<[string, Value, FaultName]>([
    ['of another version', [2, 1], 'message-version'],
    ['of version 0', [0, 1], 'message-version'],
    ['of an unknown type', [1, 99], 'message-unknown'],
    ['that is a reply', [1, 1 + REPLY], 'message-unknown'],
    ['that is an error', [1, ERROR_REPLY, 1, 0], 'message-unknown'],
    ['with a field too many', [1, 1, 0], 'message-malformed'],
    ['with a field too few', [1, 3, 2], 'message-malformed'],
    ['that is no array', 1, 'message-malformed'],
    ['that is bytes', new Uint8Array([1, 1]), 'message-malformed'],
    ['that is empty', [], 'message-malformed'],
    ['whose version is text', ['1', 1], 'message-malformed'],
    ['without a type', [1], 'message-malformed'],
    ['whose type is bytes', [1, new Uint8Array(1)], 'message-malformed'],
  ])('%s is a named fault', (_, value, expected) => {
    expect(() => unpackRequest(encode(value))).toThrow(expected);
  });
});

describe('an error reply', () => {
  it('carries every fault', () => {
    for (const name of Object.keys(FAULTS) as FaultName[]) {
      expect(refusalFrom(decode(packError(fault(name, 'cause', 10))))).toMatchObject({ fault: name, detail: 10 });
    }
  });

  it.each([
    [2.2, 3],
    [-1, 0],
    [Number.NaN, 0],
    [1e12, 0xffffffff],
  ])('makes an unsigned integer of the detail %d', (detail, sent) => {
    expect(refusalFrom(decode(packError(fault('too-soon', undefined, detail))))?.detail).toBe(sent);
  });

  it('is told apart from replies, and a reply to something else is a fault', () => {
    const reply = decode(packReply('consent', { state: 1, secondsLeft: 60 }));
    expect(refusalFrom(reply)).toBeUndefined();
    expect(() => replyFrom('hello', reply)).toThrow('message-unknown');
  });
});

describe('the table', () => {
  it('has the sizes of what is sealed inside', () => {
    expect(MESSAGES.head.request.sealed).toMatchObject({ min: SEALED_HEAD_LENGTH, max: SEALED_HEAD_LENGTH });
    expect(MESSAGES.day.request.sealed).toMatchObject({ min: SEALED_DAY_LENGTH, max: SEALED_DAY_LENGTH });
    expect(MESSAGES.day.request.index.max).toBe(ANSWER_DAYS - 1);
    expect(MESSAGES.head.reply.dayCount.max).toBe(ANSWER_DAYS);
  });

  it('gives each message a number of its own, below the reply to any', () => {
    const types = NAMES.map((name) => MESSAGES[name].type);
    expect(new Set(types).size).toBe(types.length);
    expect(Math.max(...types)).toBeLessThan(ERROR_REPLY);
  });

  it('lets a full chunk fill four frames exactly, and the largest one message', () => {
    expect(packReply('fetch', { chunk: new Uint8Array(CHUNK_BYTES) }).length).toBe(4 * 249);
    expect(packReply('fetch', { chunk: new Uint8Array(MESSAGES.fetch.reply.chunk.max) }).length).toBe(2048);
  });
});
