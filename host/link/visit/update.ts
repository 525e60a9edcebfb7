/**
 * A visit's last part: what the release keys have signed for this token (docs/spec/update.md). The courier judges little:
 * the token verifies all of it. May be cut anywhere and gone on with at any counter.
 */
import { type FaultName, faultOf } from '../../../device/faults.js';
import { LIFE_BLANK, LIFE_ENDED, MESSAGES, type ReplyOf } from '../../../device/link/messages.js';
import {
  decodeConfiguration,
  decodeRelease,
  decodeRoot,
  KEY_LENGTH,
  keyOf,
  PAGE,
  type Release,
  ROOT_KEYS,
  type Root,
  THRESHOLD,
} from '../../../device/update/objects.js';
import { versionText } from '../../../device/update/versions.js';
import { nodeDigest } from '../../crypto.js';
import { GaletError } from '../../errors.js';
import type { Releases, SignedObject } from '../../release/objects.js';
import type { Hello, Visit } from './visit.js';

/**
 * none: nothing is published for this board. unsupported: this token takes nothing signed. current: it runs the published
 * version already. staged: it has the new one and starts it when the server orders so. updated: it runs the new one, and
 * has shown that it works. failed: the token goes on with what it has.
 */
export type Updated =
  | { outcome: 'none' | 'unsupported' }
  | { outcome: 'current' | 'staged'; version: string }
  | { outcome: 'updated'; from: string; to: string }
  | { outcome: 'failed'; error: GaletError };

type Trust = ReplyOf<'trust'>;

/** Requests under way at a time: the next one travels while the token hashes the last. */
const AHEAD = 2;
const PROOF_BYTES = MESSAGES.proof.request.piece.max;
const PAGE_BYTES = MESSAGES.page.request.piece.max;
const KILOBYTE = 1024;
const POLL_SECONDS = 2;
/** How long a new version is given to confirm itself while somebody waits. */
const CONFIRM_SECONDS = 60;
/** A token that says so many times that it runs another version has gone back to it: it is not still about to restart. */
const BACK_ANSWERS = 4;

const kilobytes = (bytes: number): number => Math.ceil(bytes / KILOBYTE);

function refused(fault: FaultName, cause?: unknown): GaletError {
  return new GaletError('update-refused', { fault }, cause);
}

/** What the token refused, as a refusal of the update: the same fault means another thing elsewhere in a visit. */
function named(thrown: unknown): GaletError {
  const fault = faultOf(thrown);
  if (fault !== undefined) return refused(fault.fault, thrown);
  if (!(thrown instanceof GaletError)) return new GaletError('internal', {}, thrown);
  const isNamed = /^(update|link)-/.test(thrown.code) || thrown.parameters.fault === undefined;
  return isNamed ? thrown : refused(thrown.parameters.fault as FaultName, thrown);
}

const hasFault = (thrown: unknown, ...faults: FaultName[]): boolean =>
  thrown instanceof GaletError && faults.includes(thrown.parameters.fault as FaultName);

/**
 * Brings a token what is published for it, after a visit that has succeeded: so it never throws, and what goes wrong is an
 * outcome. `hello`: what the token said of itself in this visit.
 */
export async function update(visit: Visit, hello: Hello): Promise<Updated> {
  try {
    return await renew(visit, hello);
  } catch (thrown) {
    return { outcome: 'failed', error: named(thrown) };
  }
}

/**
 * Brings a blank token the authority's keys and configuration, which it will judge everything else by. Throws
 * 'update-refused' when it takes them not, and what the counter throws.
 */
export async function introduce(visit: Visit, board: string): Promise<void> {
  try {
    const trust = await askTrust(visit);
    const releases = trust && (await published(visit, board));
    if (trust === undefined || releases === undefined) return;
    const keys = await bringRoots(visit, releases, trust.root);
    await bringConfiguration(visit, releases, trust.configuration, keys);
  } catch (thrown) {
    throw named(thrown);
  }
}

async function renew(visit: Visit, hello: Hello): Promise<Updated> {
  if (hello.life === LIFE_BLANK || hello.life === LIFE_ENDED) return { outcome: 'none' };
  const trust = await askTrust(visit);
  // Keys are taken by blank tokens only: one that was set up without them never takes any.
  if (trust === undefined || trust.root === 0) return { outcome: 'unsupported' };
  if (trust.trial === 1) await awaitConfirmation(visit, trust.running);
  const releases = await published(visit, hello.board);
  if (releases === undefined) return { outcome: 'none' };
  const keys = await bringRoots(visit, releases, trust.root);
  let trouble: unknown;
  try {
    await bringConfiguration(visit, releases, trust.configuration, keys);
  } catch (thrown) {
    // A configuration that came too late is no reason to hold a release back.
    if (!(thrown instanceof GaletError) || thrown.parameters.fault === undefined) throw thrown;
    trouble = thrown;
  }
  const done: Updated = releases.release
    ? await bringRelease(visit, hello, releases.release, keys)
    : { outcome: 'none' };
  if (trouble !== undefined && (done.outcome === 'none' || done.outcome === 'current')) throw trouble;
  return done;
}

/** How things stand on the token; undefined when it takes nothing signed. */
async function askTrust(visit: Visit): Promise<Trust | undefined> {
  try {
    return await visit.token.ask('trust', {});
  } catch (error) {
    if (hasFault(error, 'message-unknown', 'update-absent')) return undefined;
    throw error;
  }
}

async function published(visit: Visit, board: string): Promise<Releases | undefined> {
  try {
    return await visit.counter.releases(board);
  } catch (error) {
    // A counter or server of before there were releases.
    if (error instanceof GaletError && error.code === 'not-found') return undefined;
    throw error;
  }
}

/** Brings each root that is newer than the token's; the keys that it trusts then, or none when nobody here knows them. */
async function bringRoots(visit: Visit, releases: Releases, newest: number): Promise<Root[]> {
  const roots = releases.roots.map((object) => ({ object, root: decodeRoot(object.body) }));
  const find = (version: number) => roots.find(({ root }) => root.version === version);
  let trusted = find(newest);
  for (let next = find(newest + 1); next !== undefined; next = find(next.root.version + 1)) {
    if (!(await isKnown(visit, next.object))) {
      await prove(visit, next.object, trusted ? [trusted.root, next.root] : [next.root]);
    }
    trusted = next;
  }
  return trusted ? [trusted.root] : [];
}

async function bringConfiguration(visit: Visit, releases: Releases, newest: number, keys: Root[]): Promise<void> {
  const { configuration } = releases;
  if (configuration === undefined || decodeConfiguration(configuration.body).version <= newest) return;
  if (!(await isKnown(visit, configuration))) await prove(visit, configuration, keys);
}

async function bringRelease(visit: Visit, hello: Hello, object: SignedObject, keys: Root[]): Promise<Updated> {
  const release = decodeRelease(object.body);
  const version = versionText(release.version);
  // Asked again, because a new root forgets what the old one had staged.
  const trust = await visit.token.ask('trust', {});
  if (release.version <= trust.running) return { outcome: 'current', version: versionText(trust.running) };
  if (release.version < trust.staged) return { outcome: 'staged', version: versionText(trust.staged) };
  const isStaged = await isKnown(visit, object);
  if (!isStaged || trust.nextPage < trust.pages) {
    const image = await fetchImage(visit, hello.board, release);
    if (!isStaged) await prove(visit, object, keys);
    await carryImage(visit, image, isStaged ? trust.nextPage : 0);
  }
  let seconds: number;
  try {
    ({ seconds } = await visit.token.ask('install', {}));
  } catch (error) {
    if (hasFault(error, 'not-ordered')) return { outcome: 'staged', version };
    throw error;
  }
  await restart(visit, seconds);
  await awaitConfirmation(visit, release.version);
  return { outcome: 'updated', from: hello.firmware, to: version };
}

async function isKnown(visit: Visit, { kind, body }: SignedObject): Promise<boolean> {
  return (await visit.token.ask('offer', { kind, body })).known === 1;
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

function holds(root: Root, key: Uint8Array): boolean {
  for (let index = 0; index < ROOT_KEYS; index++) if (equal(keyOf(root, index), key)) return true;
  return false;
}

/**
 * Carries signatures until the token has enough: those of keys that count in most of `roots` first, and of keys that count
 * in none only when no root is known here. One wrong signature does not spoil the right ones.
 */
async function prove(visit: Visit, object: SignedObject, roots: Root[]): Promise<void> {
  const weight = (key: Uint8Array): number => roots.filter((root) => holds(root, key)).length;
  const signatures = object.signatures
    .filter(({ key }) => key.length === KEY_LENGTH && (roots.length === 0 || weight(key) > 0))
    .sort((a, b) => weight(b.key) - weight(a.key));
  let trouble: unknown = refused('signature-refused', 'too few signatures');
  let carried = 0;
  for (const { key, signature } of signatures) {
    const total = Math.max(THRESHOLD * signature.length, carried + signature.length);
    const show = (done: number): void =>
      visit.progress({ step: 'signatures', done: kilobytes(carried + done), total: kilobytes(total) });
    try {
      if (await carrySignature(visit, key, signature, show)) return;
      carried += signature.length;
    } catch (error) {
      if (!hasFault(error, 'signature-refused')) throw error;
      trouble = error;
    }
  }
  throw trouble;
}

/** Answers to requests for each of `pieces`, in their order, AHEAD of them under way at a time. */
async function* askAhead<P, R>(pieces: Iterable<P>, ask: (piece: P) => Promise<R>): AsyncGenerator<[P, R], void, void> {
  const asked: [P, Promise<R>][] = [];
  for (const piece of pieces) {
    const reply = ask(piece);
    // Heard below; but when an earlier piece fails, nobody asks for this one's reply any more.
    reply.catch(() => undefined);
    asked.push([piece, reply]);
    if (asked.length === AHEAD) yield await first(asked);
  }
  while (asked.length > 0) yield await first(asked);
}

async function first<P, R>(asked: [P, Promise<R>][]): Promise<[P, R]> {
  const [piece, reply] = asked.shift() as [P, Promise<R>];
  return [piece, await reply];
}

interface Piece {
  at: number;
  piece: Uint8Array;
}

/** `bytes` from `from` on, in pieces of at most `size`, of which none crosses a multiple of `bounds`. */
function* piecesOf(bytes: Uint8Array, from: number, size: number, bounds: number): Generator<Piece, void, void> {
  for (let at = from; at < bytes.length; ) {
    const end = Math.min(at + size, (Math.floor(at / bounds) + 1) * bounds);
    yield { at, piece: bytes.subarray(at, end) };
    at = end;
  }
}

/** Carries one signature; whether the token has enough with it. */
async function carrySignature(
  visit: Visit,
  key: Uint8Array,
  signature: Uint8Array,
  show: (done: number) => void,
): Promise<boolean> {
  const pieces = piecesOf(signature, 0, PROOF_BYTES, signature.length);
  show(0);
  for await (const [{ at, piece }, reply] of askAhead(pieces, (sent) => visit.token.ask('proof', { key, ...sent }))) {
    if (reply.accepted === 1) return true;
    // It has started afresh, or talks to somebody else.
    if (reply.next !== at + piece.length) throw refused('no-request-pending');
    show(reply.next);
  }
  return false;
}

/** The image, if it is the one that was signed; the token would find out too, page by page. */
async function fetchImage(visit: Visit, board: string, release: Release): Promise<Uint8Array> {
  const image = await visit.counter.image(board);
  if (!equal(nodeDigest.sha256(image), release.sha256)) throw new GaletError('update-image-wrong');
  return image;
}

/** Carries what the token lacks of an image from page `nextPage` on. */
async function carryImage(visit: Visit, image: Uint8Array, nextPage: number): Promise<void> {
  const show = (done: number): void =>
    visit.progress({ step: 'image', done: kilobytes(Math.min(done, image.length)), total: kilobytes(image.length) });
  const hand = async ({ at, piece }: Piece): Promise<number> => {
    const reply = await visit.token.ask('page', { index: Math.floor(at / PAGE), at: at % PAGE, piece });
    return reply.nextPage * PAGE + reply.nextAt;
  };
  const from = nextPage * PAGE;
  show(from);
  for await (const [{ at, piece }, next] of askAhead(piecesOf(image, from, PAGE_BYTES, PAGE), hand)) {
    // Further on within a page is where an earlier visit was cut; further back, the token has started afresh.
    if (next < at + piece.length) throw refused('page-forged');
    show(next);
  }
}

/** Waits out the time in which the token promised to start again, then connects to it anew. */
async function restart(visit: Visit, seconds: number): Promise<void> {
  for (let left = seconds; left > 0; left--) {
    visit.progress({ step: 'restart', secondsLeft: left });
    await visit.wait(1);
  }
  await reopen(visit);
}

/** A port that is not there yet is looked for again after the next question. */
async function reopen(visit: Visit): Promise<void> {
  try {
    await visit.reopen?.();
  } catch (error) {
    if (!(error instanceof GaletError)) throw error;
  }
}

/** Waits until the token runs this version and has confirmed it; being asked is what it needs for that. */
async function awaitConfirmation(visit: Visit, version: number): Promise<void> {
  let backThen = 0;
  for (let left = CONFIRM_SECONDS; left > 0; left -= POLL_SECONDS) {
    visit.progress({ step: 'restart', secondsLeft: Math.ceil(left) });
    try {
      const trust = await visit.token.ask('trust', {});
      if (trust.running === version && trust.trial === 0) return;
      if (trust.running !== version) backThen += 1;
    } catch (error) {
      if (!(error instanceof GaletError)) throw error;
      // Silence has taken its time already.
      left -= Number(error.parameters.seconds ?? 0);
      await reopen(visit);
    }
    if (backThen === BACK_ANSWERS) throw new GaletError('update-rolled-back', { version: versionText(version) });
    await visit.wait(POLL_SECONDS);
  }
  throw new GaletError('update-unconfirmed', { version: versionText(version) });
}
