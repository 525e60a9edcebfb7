/** A checked view of one JSON object of a vector file: a field that is absent or not what it should be throws. */
import type { SkinnyKey } from '../../host/backend/robert/skinny.js';
import { expandKey, SKINNY_KEY_LENGTH } from '../../host/backend/robert/skinny.js';

type Json = Record<string, unknown>;

/** A case that cannot be read; the message names the field. */
export class FieldError extends Error {}

export class Fields {
  constructor(
    private readonly json: Json,
    private readonly path = '',
  ) {}

  static of(value: unknown, path: string): Fields {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FieldError(`${path}: no object`);
    return new Fields(value as Json, `${path}.`);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.json, name);
  }

  names(): string[] {
    return Object.keys(this.json);
  }

  isNull(name: string): boolean {
    return this.raw(name) === null;
  }

  raw(name: string): unknown {
    if (!this.has(name)) throw new FieldError(`${this.path}${name}: missing`);
    return this.json[name];
  }

  text(name: string): string {
    const value = this.raw(name);
    return typeof value === 'string' ? value : this.refuse(name, 'text');
  }

  flag(name: string): boolean {
    const value = this.raw(name);
    return typeof value === 'boolean' ? value : this.refuse(name, 'true or false');
  }

  number(name: string): number {
    const value = this.raw(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : this.refuse(name, 'a number');
  }

  integer(name: string): number {
    const value = this.number(name);
    return Number.isSafeInteger(value) ? value : this.refuse(name, 'a whole number');
  }

  /** Lower-case hexadecimal, of `length` bytes where the length is fixed. */
  bytes(name: string, length?: number): Uint8Array {
    return bytesOf(this.text(name), `${this.path}${name}`, length);
  }

  /** One byte in hexadecimal. */
  byte(name: string): number {
    return this.bytes(name, 1)[0]!;
  }

  /** Base64 with padding, written the one way. */
  base64(name: string): Uint8Array {
    const text = this.text(name);
    const bytes = Buffer.from(text, 'base64');
    return bytes.toString('base64') === text ? new Uint8Array(bytes) : this.refuse(name, 'base64');
  }

  /** NTP seconds of an ISO date-time. */
  instant(name: string): number {
    const unix = Date.parse(this.text(name)) / 1000;
    return Number.isFinite(unix) ? unix + 2208988800 : this.refuse(name, 'a date');
  }

  list(name: string): unknown[] {
    const value = this.raw(name);
    return Array.isArray(value) ? value : this.refuse(name, 'a list');
  }

  numbers(name: string): number[] {
    const list = this.list(name);
    return list.every((value) => typeof value === 'number') ? (list as number[]) : this.refuse(name, 'numbers');
  }

  texts(name: string): string[] {
    const list = this.list(name);
    return list.every((value) => typeof value === 'string') ? (list as string[]) : this.refuse(name, 'texts');
  }

  part(name: string): Fields {
    return Fields.of(this.raw(name), `${this.path}${name}`);
  }

  parts(name: string): Fields[] {
    return this.list(name).map((value, index) => Fields.of(value, `${this.path}${name}[${index}]`));
  }

  serverKey(name: string): SkinnyKey {
    return expandKey(this.bytes(name, SKINNY_KEY_LENGTH));
  }

  private refuse(name: string, wanted: string): never {
    throw new FieldError(`${this.path}${name}: not ${wanted}`);
  }
}

export function bytesOf(hex: string, path: string, length?: number): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new FieldError(`${path}: not lower-case hexadecimal`);
  const bytes = new Uint8Array(Buffer.from(hex, 'hex'));
  if (length !== undefined && bytes.length !== length) throw new FieldError(`${path}: not ${length} bytes`);
  return bytes;
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
