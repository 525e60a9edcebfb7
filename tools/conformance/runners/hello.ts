import { buildHello, isHelloAuthentic, parseHello } from '../../../device/robert/hello.js';
import { time16 } from '../../../device/robert/time.js';
import { eccCipher, makeEbid } from '../../../host/backend/robert/ebid.js';
import { nodeDigest } from '../../../host/crypto.js';
import type { Check } from '../check.js';
import { FieldError, type Fields, hexOf } from '../fields.js';
import type { CaseRunner, FileRunner } from '../runner.js';

/** Where each field lies, in hexadecimal digits. */
const PARTS: Record<string, [number, number]> = { ecc: [0, 2], ebid: [2, 18], time: [18, 22], mac: [22, 32] };

/** A HELLO built by the token's code from keys, identity and time, and read and judged by the same. */
const hello: CaseRunner = (fields, _meta, check) => {
  const kAuth = fields.bytes('kAuth', 32);
  const country = fields.byte('cc');
  const ebid = makeEbid(fields.serverKey('ks'), fields.integer('epoch'), fields.bytes('id', 5));
  const ecc = eccCipher(fields.bytes('kg')).apply(ebid, country);
  const ntp = fields.integer('ntp');
  check.same('ebid', ebid, fields.bytes('ebid', 8));
  check.same('ecc', ecc, fields.byte('ecc'));
  check.same('time16', time16(ntp), fields.integer('time16'));

  const built = buildHello(nodeDigest, kAuth, ecc, ebid, ntp);
  const said = fields.bytes('hello', 16);
  check.same('mac', parseHello(built)?.mac, fields.text('mac'));
  if (fields.has('tampered')) checkTampered(fields, hexOf(built), hexOf(said), check);
  else check.same('hello', built, said);

  const parsed = parseHello(said);
  check.same('hello ecc', hexOf(new Uint8Array([parsed?.ecc ?? 0])), hexOf(said).slice(...PARTS.ecc!));
  check.same('hello ebid', hexOf(parsed?.ebid ?? said), hexOf(said).slice(...PARTS.ebid!));
  check.same('hello time16', parsed?.time16, Number.parseInt(hexOf(said).slice(...PARTS.time!), 16));
  check.same('hello mac', hexOf(parsed?.mac ?? said), hexOf(said).slice(...PARTS.mac!));
  check.same('valid', isHelloAuthentic(nodeDigest, kAuth, said), fields.flag('valid'));
};

/** A tampered HELLO is the built one but for one bit of the field that it names. */
function checkTampered(fields: Fields, built: string, said: string, check: Check): void {
  const tampered = fields.text('tampered');
  const part = PARTS[tampered];
  if (part === undefined || built.length !== said.length) throw new FieldError(`tampered: unknown field ${tampered}`);
  const [start, end] = part;
  const change = BigInt(`0x${built.slice(start, end)}`) ^ BigInt(`0x${said.slice(start, end)}`);
  check.same('bits tampered with', change.toString(2).replaceAll('0', '').length, 1);
  check.same('hello before', said.slice(0, start), built.slice(0, start));
  check.same('hello after', said.slice(end), built.slice(end));
}

export const helloRunner: FileRunner = {
  name: 'hello',
  recognises: (fields) => fields.has('hello') && fields.has('kAuth'),
  runnerOf: () => hello,
};
