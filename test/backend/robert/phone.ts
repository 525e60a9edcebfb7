/**
 * A StopCovid-like phone, written from docs/spec/robert.md with the platform's cryptography alone: nothing of the code
 * under test is in it.
 */
import { createDecipheriv, createHmac, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
}

export interface Tuple {
  epochId: number;
  ebid: Buffer;
  ecc: Buffer;
}

export interface ReportedContact {
  ebid: string;
  ecc: string;
  ids: { timeCollectedOnDevice: number; timeFromHelloMessage: number; mac: string; rssiCalibrated: number }[];
}

export async function call(url: string, method: string, path: string, body?: unknown): Promise<Reply> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json' };
    init.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  const response = await fetch(`${url}/api/v6${path}`, init);
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== '' ? JSON.parse(text) : {},
  };
}

export class Phone {
  tuples: Tuple[] = [];
  #kAuth = Buffer.alloc(0);
  #kEnc = Buffer.alloc(0);
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  constructor(
    private readonly url: string,
    private readonly registrationKey: Uint8Array,
  ) {}

  /** Speaks for somebody else: their key and identifiers. */
  adopt(kAuth: Uint8Array, tuples: { epochId: number; ebid: Uint8Array; ecc: number }[]): void {
    this.#kAuth = Buffer.from(kAuth);
    this.tuples = tuples.map(({ epochId, ebid, ecc }) => ({
      epochId,
      ebid: Buffer.from(ebid),
      ecc: Buffer.from([ecc]),
    }));
  }

  publicKey(): string {
    return this.#pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  }

  async register(
    captcha: { captcha: string; captchaId: string } = { captcha: 'any', captchaId: 'any' },
  ): Promise<Reply> {
    const reply = await call(this.url, 'POST', '/register', {
      ...captcha,
      clientPublicECDHKey: this.publicKey(),
      pushInfo: { token: 't', locale: 'fr', timezone: 'Europe/Paris' },
    });
    if (reply.status !== 201) return reply;
    const publicKey = createPublicKey({ key: Buffer.from(this.registrationKey), format: 'der', type: 'spki' });
    const shared = diffieHellman({ privateKey: this.#pair.privateKey, publicKey });
    this.#kAuth = createHmac('sha256', shared).update('mac').digest();
    this.#kEnc = createHmac('sha256', shared).update('tuples').digest();
    this.read(String(reply.json.tuples));
    return reply;
  }

  read(tuples: string): void {
    const blob = Buffer.from(tuples, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.#kEnc, blob.subarray(0, 12));
    decipher.setAuthTag(blob.subarray(-16));
    const json = Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()]).toString();
    this.tuples = (JSON.parse(json) as { epochId: number; key: { ebid: string; ecc: string } }[]).map((tuple) => ({
      epochId: tuple.epochId,
      ebid: Buffer.from(tuple.key.ebid, 'base64'),
      ecc: Buffer.from(tuple.key.ecc, 'base64'),
    }));
  }

  tupleOf(epoch: number): Tuple {
    return this.tuples.find(({ epochId }) => epochId === epoch) ?? this.tuples.at(-1)!;
  }

  /** The body of an authenticated call under the identifier of `epoch`, at `time` (NTP seconds). */
  auth(salt: number, epoch: number, time: number): { ebid: string; epochId: number; time: string; mac: string } {
    const { ebid, epochId } = this.tupleOf(epoch);
    const tail = Buffer.alloc(8);
    tail.writeUInt32BE(epochId);
    tail.writeUInt32BE(Math.floor(time), 4);
    const mac = createHmac('sha256', this.#kAuth)
      .update(Buffer.concat([Buffer.from([salt]), ebid, tail]))
      .digest('base64');
    return { ebid: ebid.toString('base64'), epochId, time: tail.subarray(4).toString('base64'), mac };
  }

  /** What another phone reports of having heard this one every `every` seconds from `from` for `seconds`. */
  heard(epoch: number, from: number, seconds: number, every: number, rssi: number): ReportedContact {
    const { ebid, ecc } = this.tupleOf(epoch);
    const ids: ReportedContact['ids'] = [];
    for (let time = Math.floor(from); time < from + seconds; time += every) {
      const hello = Buffer.concat([ecc, ebid, Buffer.from([(time >> 8) & 255, time & 255])]);
      const mac = createHmac('sha256', this.#kAuth)
        .update(Buffer.concat([Buffer.from([1]), hello]))
        .digest();
      ids.push({
        timeCollectedOnDevice: time,
        timeFromHelloMessage: hello.readUInt16BE(9),
        mac: mac.subarray(0, 5).toString('base64'),
        rssiCalibrated: rssi,
      });
    }
    return { ebid: ebid.toString('base64'), ecc: ecc.toString('base64'), ids };
  }
}
