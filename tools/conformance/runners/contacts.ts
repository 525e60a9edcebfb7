import { isHelloAuthentic, joinHello } from '../../../device/robert/hello.js';
import { time16 } from '../../../device/robert/time.js';
import {
  type ContactRefusal,
  type HelloVerdict,
  judgeContact,
  openContact,
} from '../../../host/backend/robert/contacts.js';
import { eccCipher, type KeyRing, makeEbid } from '../../../host/backend/robert/ebid.js';
import { dayOfName } from '../../../host/backend/robert/keydays.js';
import { scoreContact } from '../../../host/backend/robert/scoring.js';
import type { Contact } from '../../../host/backend/store/contacts.js';
import { nodeDigest } from '../../../host/crypto.js';
import type { Check } from '../check.js';
import { bytesOf, FieldError, type Fields, hexOf } from '../fields.js';
import { ringOf } from '../ring.js';
import type { CaseRunner, FileRunner } from '../runner.js';
import { scoringOf } from './scoring.js';

interface Outcome {
  reason: ContactRefusal | undefined;
  verdicts: HelloVerdict[];
  exposition: { epoch: number; score: number } | undefined;
}

const contactRunner: CaseRunner = (fields, meta, check) => {
  const contact = contactOf(fields.part('contact'));
  const sender = fields.part('sender');
  const result = fields.part('result');
  const ring = ringOf(
    meta.integer('serviceStartNtp'),
    meta.byte('serverCountryCode'),
    eccCipher(meta.bytes('kg')),
    meta.part('serverKeys'),
  );
  const outcome = process(ring, contact, sender, meta);
  const kept = outcome.exposition === undefined ? [] : indicesOf(outcome.verdicts, 'kept');
  check.same('result.kept', kept, result.numbers('kept'));
  check.same('result.outdatedRisk', outcome.exposition !== undefined, result.flag('outdatedRisk'));
  if (result.isNull('exposition') || outcome.exposition === undefined) {
    check.same('result.exposition', outcome.exposition ?? null, result.raw('exposition'));
  } else {
    const theirs = result.part('exposition');
    check.same('result.exposition.epochId', outcome.exposition.epoch, theirs.integer('epochId'));
    check.near('result.exposition.score', outcome.exposition.score, theirs.number('score'));
  }
  const theirs = new Set(result.texts('log'));
  for (const line of expectedLog(contact, outcome)) {
    check.holds('result.log', theirs.delete(line), `lacks "${line}"`);
  }
  for (const line of theirs) check.holds('result.log', !OUR_LINES.test(line), `ours has no cause for "${line}"`);
  checkSender(fields.text('kind'), contact, sender, ring, outcome.verdicts, check);
};

function contactOf(fields: Fields): Contact {
  const hellos = fields.list('hellos').map((entry, index) => {
    const [received, time, mac, rssi] = Array.isArray(entry) ? entry : [];
    if (!Number.isInteger(received) || !Number.isInteger(time) || !Number.isInteger(rssi)) {
      throw new FieldError(`contact.hellos[${index}]: not [time, time16, mac, rssi]`);
    }
    return { received, time16: time, mac: bytesOf(String(mac), `contact.hellos[${index}].mac`, 5), rssi };
  });
  return { ebid: fields.bytes('ebid', 8), ecc: fields.byte('ecc'), hellos };
}

/** What the backend's jobs do with one contact, with a store that holds the sender alone. */
function process(ring: KeyRing, contact: Contact, sender: Fields, meta: Fields): Outcome {
  const opened = openContact(ring, contact);
  if (!opened.ok) return { reason: opened.reason, verdicts: opened.verdicts, exposition: undefined };
  const isKnown = sender.flag('inCrypto') && hexOf(opened.content.id) === sender.text('id');
  const identity = isKnown ? { kAuth: sender.bytes('kAuth', 32), registered: sender.flag('inBackend') } : undefined;
  const judged = judgeContact(ring, contact, opened, identity);
  if (!judged.ok) return { reason: judged.reason, verdicts: judged.verdicts, exposition: undefined };
  const score = scoreContact(judged.kept, scoringOf(meta.part('config')))?.score;
  if (score === undefined) throw new FieldError('contact: nothing to score');
  return { reason: undefined, verdicts: judged.verdicts, exposition: { epoch: judged.epoch, score } };
}

/** Lines whose presence our verdict explains; the others trace single steps of the reference. */
const OUR_LINES =
  /^(No messages|Country code|The contact could not|Could not find keys|No identity|MAC is|Removing|All hello|Time tol|Skip)/;

const REFUSAL_LINES: Record<ContactRefusal, string[]> = {
  'no-hello': ['No messages in contact, discarding contact'],
  'foreign-country': ['Country code [..] is not managed by this server ([..])'],
  'ebid-undecryptable': ['The contact could not be validated. Discarding all its hello messages'],
  'ebid-ambiguous': ['The contact could not be validated. Discarding all its hello messages'],
  'identity-unknown': [
    'Could not find keys for id',
    'The contact could not be validated. Discarding all its hello messages',
  ],
  'all-macs-invalid': ['All hello messages have been rejected'],
  'registration-unknown': ['No identity exists for id_A [..] extracted from ebid, discarding contact'],
  'all-hellos-refused': [],
};

/** The reference's log lines that follow from our verdict, each once as it wrote them. */
function expectedLog(contact: Contact, { reason, verdicts, exposition }: Outcome): Set<string> {
  const lines = new Set<string>(reason === undefined ? [] : REFUSAL_LINES[reason]);
  const forged = indicesOf(verdicts, 'mac-invalid');
  if (forged.length > 0) lines.add('MAC is invalid');
  const removed = forged.length + indicesOf(verdicts, 'undecryptable').length;
  if (removed > 0 && reason !== 'ebid-undecryptable') lines.add(`Removing ${removed} invalid HelloMessageDetails`);
  for (const index of indicesOf(verdicts, 'clock-distance')) {
    const hello = contact.hellos[index]!;
    const times = `|${hello.time16} (HELLO) vs ${time16(hello.received)} (receiving device)|`;
    lines.add(`Time tolerance was exceeded: ${times} > 180; discarding HELLO message`);
  }
  const kept = indicesOf(verdicts, 'kept').map((index) => contact.hellos[index]!.received);
  const span = (kept.at(-1) ?? 0) - (kept[0] ?? 0);
  if (exposition !== undefined && span > 900) {
    const late = `${span.toFixed(1)} sec after first message`;
    lines.add(`Skip contact because some hello messages are coming too late: ${late}`);
  }
  return lines;
}

/** What the sender is said to be agrees with what he said. */
function checkSender(
  kind: string,
  contact: Contact,
  sender: Fields,
  ring: KeyRing,
  verdicts: HelloVerdict[],
  check: Check,
): void {
  check.same('sender.inCrypto', sender.isNull('kAuth'), !sender.flag('inCrypto'));
  if (!sender.isNull('ksDate')) {
    const key = ring.serverKey(dayOfName(sender.text('ksDate')));
    const ebid = key && makeEbid(key, sender.integer('epoch'), sender.bytes('id', 5));
    check.same('sender', ebid, hexOf(contact.ebid));
  }
  const country = sender.byte('cc');
  const ecc = ring.ecc.apply(contact.ebid, country);
  check.same("contact.ecc is the sender's", ecc === contact.ecc, kind !== 'eccTampered');
  if (sender.isNull('kAuth')) return;
  const kAuth = sender.bytes('kAuth', 32);
  for (const [index, { time16, mac }] of contact.hellos.entries()) {
    const isAuthentic = isHelloAuthentic(
      nodeDigest,
      kAuth,
      joinHello({ ecc: contact.ecc, ebid: contact.ebid, time16, mac }),
    );
    check.same(`contact.hellos[${index}].mac`, isAuthentic, verdicts[index] !== 'mac-invalid');
  }
}

function indicesOf(verdicts: HelloVerdict[], wanted: HelloVerdict): number[] {
  return verdicts.flatMap((verdict, index) => (verdict === wanted ? [index] : []));
}

export const contactsRunner: FileRunner = {
  name: 'contacts',
  recognises: (fields) => fields.has('contact') && fields.has('sender'),
  runnerOf: () => contactRunner,
};
