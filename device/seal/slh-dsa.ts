/**
 * Verification of SLH-DSA-SHA2-128s signatures (FIPS 205) while they arrive (docs/spec/seal.md): each node of 16 bytes is
 * hashed into what came before and forgotten, so that a signature of 7,856 bytes takes 750 bytes of memory.
 *
 *   signature = R | 14 times a secret and 12 nodes (FORS) | 7 times 35 chains (WOTS+) and 9 nodes (XMSS)
 */
import { concat, copyOf, equal, putU16, u16At } from '../bytes.js';
import { fault } from '../faults.js';
import type { Digest } from '../ports.js';

export const SLH_PUBLIC_KEY = 32;
export const SLH_SIGNATURE = 7856;
const CONTEXT_MAX = 255;

/** n: bytes of a node. */
const N = 16;
/** k trees of height a, of which the message selects a leaf each. */
const FOREST = 14;
const FOREST_HEIGHT = 12;
/** Height h' of one layer of the hypertree, and the chains that sign the root beneath it: a digit of 4 bits each. */
const LAYER_HEIGHT = 9;
const CHAINS = 35;
const DIGITS = 2 * N;
const DIGIT_MAX = 15;

// What is hashed is in one piece: PK.seed | 48 zeros | compressed address (22) | nodes.
const LAYER = 64;
/** Eight bytes, of which the last seven are the 54 bits of the tree's index. */
const TREE = LAYER + 1;
const TYPE = LAYER + 9;
/** The low halves of the address's words; their high halves are zero always. */
const KEY_PAIR = LAYER + 12;
/** Of a chain: its number. */
const HEIGHT = LAYER + 17;
/** Of a chain: the step. */
const INDEX = LAYER + 20;
const INPUT = LAYER + 22;
/** Two nodes are at work, a third takes what a digest is longer than a node; then come those that are collected. */
const COLLECTED = INPUT + 3 * N;

const WOTS_HASH = 0;
const WOTS_KEY = 1;
const XMSS_TREE = 2;
const FORS_TREE = 3;
const FORS_ROOTS = 4;

/** H_msg's digest: 14 times 12 bits, then the indices of tree (7 bytes, 54 bits count) and key pair (2 bytes, 9 bits). */
const TREE_INDEX = 21;
const KEY_PAIR_INDEX = 28;

/** Checks a signature as its bytes arrive; keeps nothing of it. */
export interface SignatureCheck {
  /**
   * Takes the next bytes of the signature, however they are cut: fault 'signature-refused' for more than there are in
   * one, none of them taken. At most 16 hashes of up to 646 bytes for each 16 bytes of signature.
   */
  push(piece: Uint8Array): void;
  /** Bytes taken so far. */
  taken(): number;
  /** True once all 7,856 bytes were taken and the root that they lead to is the public key's. */
  isValid(): boolean;
}

/**
 * Checks under the key and of the message that stand in `subject`: room for R, PK.seed, PK.root, message. It is what the
 * next nodes are about, and changes: H_msg's digest once R is there, then the root that a layer signs.
 */
function check(digest: Digest, subject: Uint8Array): SignatureCheck {
  const work = new Uint8Array(COLLECTED + CHAINS * N);
  const goal = copyOf(subject, 2 * N, 3 * N);
  let taken = 0;
  /** Where in `work` the next node belongs. */
  let place = INPUT;
  /** The trees of the forest, then the layers. */
  let tree = 0;
  /** Secrets or chains that are still to come before the nodes of this tree. */
  let leaves = 0;
  let height = 0;
  let index = 0;
  /** What the digits so far lack to 15: the last three digits of a layer write it out. */
  let checksum = 0;

  /** 32 bytes, of which the first 16 are the node. */
  function hash(nodes: number): Uint8Array {
    return digest.sha256(work.subarray(0, INPUT + nodes * N));
  }

  /** Sets type, height and index; layer, tree and key pair stay. */
  function address(type: number, at: number): void {
    work[TYPE] = type;
    work[HEIGHT] = 0;
    putU16(work, INDEX, at);
  }

  /** T_l of the nodes that were collected. */
  function compress(type: number, nodes: number): Uint8Array {
    address(type, 0);
    work.set(work.subarray(COLLECTED, COLLECTED + nodes * N), INPUT);
    return hash(nodes);
  }

  /** Puts `node` on its side of the two at work; the other is the next to come. */
  function meet(node: Uint8Array): void {
    const side = (index & 1) * N;
    work.set(node, INPUT + side);
    place = INPUT + N - side;
  }

  /** H_msg (section 11.2.1): one block of MGF1 is enough. */
  function select(): void {
    subject.set(work.subarray(INPUT, INPUT + N));
    const head = subject.subarray(0, N + N);
    subject = digest.sha256(concat([head, digest.sha256(subject), new Uint8Array(4)]));
    work.set(head.subarray(N));
    work.set(subject.subarray(TREE_INDEX, KEY_PAIR_INDEX), TREE + 1);
    work[TREE + 1] = (work[TREE + 1] as number) & 0x3f;
    putU16(work, KEY_PAIR, u16At(subject, KEY_PAIR_INDEX) & 0x1ff);
  }

  /** Prepares for the next tree of the forest or layer. */
  function enter(): void {
    height = 0;
    place = INPUT;
    leaves = 1;
    if (tree < FOREST) {
      const at = (3 * tree) >> 1;
      const bits = u16At(subject, at);
      index = (tree << FOREST_HEIGHT) + (tree & 1 ? bits & 0xfff : bits >> 4);
      address(FORS_TREE, index);
      return;
    }
    if (tree > FOREST) {
      // The low 9 bits of the tree's index are the key pair of the next layer, the others its tree.
      putU16(work, KEY_PAIR, u16At(work, TREE + 6) & 0x1ff);
      work[LAYER] = 0;
      for (let i = TREE + 7; i > TREE; i--) {
        work[i] = ((work[i - 1] as number) >> 1) | (((work[i - 2] as number) & 1) << 7);
      }
      work[LAYER] = tree - FOREST;
    }
    index = u16At(work, KEY_PAIR);
    leaves = CHAINS;
    checksum = 0;
    address(WOTS_HASH, 0);
  }

  /** Goes to the end of chain `i` (algorithm 8). */
  function finishChain(i: number): void {
    let step = checksum >> (4 * (CHAINS - 1 - i));
    if (i < DIGITS) step = (subject[i >> 1] as number) >> (i & 1 ? 0 : 4);
    step = step & DIGIT_MAX;
    if (i < DIGITS) checksum += DIGIT_MAX - step;
    work[HEIGHT] = i;
    const input = work.subarray(0, INPUT + N);
    for (; step < DIGIT_MAX; step++) {
      work[INDEX + 1] = step;
      work.set(digest.sha256(input), INPUT);
    }
    work.set(work.subarray(INPUT, INPUT + N), COLLECTED + i * N);
  }

  /** A secret of the forest, or the start of a chain. */
  function takeLeaf(): void {
    leaves -= 1;
    if (tree >= FOREST) finishChain(CHAINS - 1 - leaves);
    if (leaves > 0) return;
    const leaf = tree < FOREST ? hash(1) : compress(WOTS_KEY, CHAINS);
    if (tree >= FOREST) {
      address(XMSS_TREE, 0);
      putU16(work, KEY_PAIR, 0);
    }
    meet(leaf);
  }

  /** One level up; at the top, over to the next tree. */
  function climb(): void {
    height += 1;
    index = index >> 1;
    work[HEIGHT] = height;
    putU16(work, INDEX, index);
    const node = hash(2);
    if (height < (tree < FOREST ? FOREST_HEIGHT : LAYER_HEIGHT)) {
      meet(node);
      return;
    }
    if (tree < FOREST) work.set(node, COLLECTED + tree * N);
    tree += 1;
    if (tree > FOREST) subject = node;
    if (tree === FOREST) subject = compress(FORS_ROOTS, FOREST);
    enter();
  }

  return {
    push(piece) {
      if (taken + piece.length > SLH_SIGNATURE) throw fault('signature-refused', 'length');
      let from = 0;
      while (from < piece.length) {
        const have = taken % N;
        const end = Math.min(piece.length, from + N - have);
        work.set(piece.subarray(from, end), place + have);
        taken += end - from;
        from = end;
        if (taken === N) {
          select();
          enter();
        } else if (taken % N === 0) {
          if (leaves > 0) takeLeaf();
          else climb();
        }
      }
    },
    taken: () => taken,
    isValid: () => taken === SLH_SIGNATURE && equal(subject.subarray(0, N), goal),
  };
}

/** Everything is copied once, into one piece: a release has up to 1 kB. */
function begin(digest: Digest, publicKey: Uint8Array, parts: Uint8Array[]): SignatureCheck {
  if (publicKey.length !== SLH_PUBLIC_KEY) throw fault('signature-refused', 'key length');
  return check(digest, concat([new Uint8Array(N), publicKey].concat(parts)));
}

/**
 * slh_verify_internal (algorithm 20): `message` as it is, for messages that were hashed before and for test vectors.
 * `publicKey`: PK.seed | PK.root; fault 'signature-refused' unless it has 32 bytes.
 */
export function checkInternal(digest: Digest, publicKey: Uint8Array, message: Uint8Array): SignatureCheck {
  return begin(digest, publicKey, [message]);
}

/**
 * slh_verify (algorithm 24), pure: `context` is at most 255 bytes long, fault 'signature-refused' otherwise. `publicKey`
 * as for `checkInternal`.
 */
export function checkSignature(
  digest: Digest,
  publicKey: Uint8Array,
  context: Uint8Array,
  message: Uint8Array,
): SignatureCheck {
  if (context.length > CONTEXT_MAX) throw fault('signature-refused', 'context length');
  return begin(digest, publicKey, [new Uint8Array([0, context.length]), context, message]);
}
