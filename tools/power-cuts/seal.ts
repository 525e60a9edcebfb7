/** Opens sealed batches by docs/spec/seal.md with the platform's HMAC alone: no code of the token's takes part. */
import { createHmac } from 'node:crypto';

const TAG = 8;
const SLOT = 4;
const HEADER = 8;
const BLOCK = 32;

function hmac(key: Uint8Array, ...parts: (Uint8Array | string)[]): Buffer {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** The ratchet of a ticket's secret: state i opens batch i. */
export class Ratchet {
  private readonly states: Buffer[];

  constructor(secret: Uint8Array) {
    this.states = [hmac(secret, 'galet ratchet')];
  }

  state(index: number): Buffer {
    while (this.states.length <= index) this.states.push(hmac(this.states[this.states.length - 1]!, 'step'));
    return this.states[index]!;
  }
}

/** The plaintext of a travelling batch (slot u32 | header 8 | body | tag 8) under its state; undefined when it is not its. */
export function openBatch(state: Uint8Array, travelling: Uint8Array): Buffer | undefined {
  const header = travelling.subarray(SLOT, SLOT + HEADER);
  const slot = travelling.subarray(0, SLOT);
  const body = travelling.subarray(SLOT + HEADER, travelling.length - TAG);
  const key = hmac(state, 'seal');
  const tag = hmac(key, new Uint8Array([2]), header, slot, body).subarray(0, TAG);
  if (!tag.equals(travelling.subarray(travelling.length - TAG))) return undefined;
  const plain = Buffer.from(body);
  for (let at = 0; at < plain.length; at += BLOCK) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(at / BLOCK);
    const stream = hmac(key, new Uint8Array([1]), header, slot, number);
    for (let i = 0; i < BLOCK && at + i < plain.length; i++) plain[at + i] = plain[at + i]! ^ stream[i]!;
  }
  return plain;
}
