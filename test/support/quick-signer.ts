/**
 * SLH-DSA-SHA2-128s signatures (FIPS 205) in milliseconds instead of seconds, for tests that need many. Every verifier
 * takes them, and they are worth nothing outside of tests: of each tree below the uppermost only the one leaf that signs
 * is made, under neighbours of zeros, which no verifier can tell and any forger would welcome.
 */
import { createHash } from 'node:crypto';
import { concat, putU32, u16At } from '../../device/bytes.js';

/** n: bytes of a node. */
const N = 16;
const FOREST = 14;
const FOREST_HEIGHT = 12;
const LAYERS = 7;
const LAYER_HEIGHT = 9;
const CHAINS = 35;
const DIGITS = 32;
const DIGIT_MAX = 15;
const WOTS_HASH = 0;
const WOTS_KEY = 1;
const XMSS_TREE = 2;
const FORS_TREE = 3;
const FORS_ROOTS = 4;
const WOTS_SECRET = 5;
const ZERO = new Uint8Array(N);

const sha256 = (...parts: Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** Where a node is: layer, tree (8 bytes), then type, key pair, and two words whose meaning is the type's. */
interface Place {
  layer: number;
  tree: bigint;
  keyPair: number;
}

export interface QuickSigner {
  /** 32 bytes, the ones that a standard signer has for the same seeds. */
  publicKey: Uint8Array;
  /** Pure SLH-DSA: 7856 bytes, the same each time. */
  sign(message: Uint8Array, context: Uint8Array): Uint8Array;
}

/** `seeds`: SK.seed, SK.prf and PK.seed, 48 bytes. Half a second, for the uppermost tree. */
export function quickSigner(seeds: Uint8Array): QuickSigner {
  const secret = seeds.subarray(0, N);
  const prefix = new Uint8Array(64);
  prefix.set(seeds.subarray(2 * N));

  /** The tweakable hash of section 11.2.1, for every number of nodes. */
  function hash({ layer, tree, keyPair }: Place, type: number, second: number, third: number, input: Uint8Array) {
    const address = new Uint8Array(22);
    address[0] = layer;
    putU32(address, 1, Number(tree >> 32n));
    putU32(address, 5, Number(tree & 0xffffffffn));
    address[9] = type;
    putU32(address, 10, keyPair);
    putU32(address, 14, second);
    putU32(address, 18, third);
    return sha256(prefix, address, input).subarray(0, N);
  }

  function chain(place: Place, number: number, start: Uint8Array, from: number, to: number): Uint8Array {
    let node = start;
    for (let step = from; step < to; step++) node = hash(place, WOTS_HASH, number, step, node);
    return node;
  }

  const chainSecret = (place: Place, number: number): Uint8Array => hash(place, WOTS_SECRET, number, 0, secret);

  function chainEnds(place: Place): Uint8Array {
    const ends: Uint8Array[] = [];
    for (let i = 0; i < CHAINS; i++) ends.push(chain(place, i, chainSecret(place, i), 0, DIGIT_MAX));
    return hash(place, WOTS_KEY, 0, 0, concat(ends));
  }

  /** The one-time signature of algorithm 7: 35 nodes. */
  function signOnce(place: Place, node: Uint8Array): Uint8Array {
    const digits: number[] = [];
    for (let i = 0; i < DIGITS; i++) digits.push(((node[i >> 1] as number) >> (i & 1 ? 0 : 4)) & DIGIT_MAX);
    const checksum = digits.reduce((sum, digit) => sum + DIGIT_MAX - digit, 0);
    digits.push(checksum >> 8, (checksum >> 4) & DIGIT_MAX, checksum & DIGIT_MAX);
    return concat(digits.map((digit, i) => chain(place, i, chainSecret(place, i), 0, digit)));
  }

  /** The node one level up: of `node`, the `index`-th at `height`, and its neighbour. */
  function up(place: Place, type: number, height: number, index: number, node: Uint8Array, neighbour: Uint8Array) {
    const pair = index & 1 ? [neighbour, node] : [node, neighbour];
    return hash(place, type, height + 1, index >> 1, concat(pair));
  }

  /** All levels of the uppermost tree, its 512 leaves first. */
  function uppermost(): Uint8Array[][] {
    const top = { layer: LAYERS - 1, tree: 0n, keyPair: 0 };
    const leaves = Array.from({ length: 1 << LAYER_HEIGHT }, (_, keyPair) => chainEnds({ ...top, keyPair }));
    const levels = [leaves];
    for (let height = 0; height < LAYER_HEIGHT; height++) {
      const below = levels[height] as Uint8Array[];
      const level: Uint8Array[] = [];
      for (let index = 0; index < below.length; index += 2) {
        level.push(up(top, XMSS_TREE, height, index, below[index] as Uint8Array, below[index + 1] as Uint8Array));
      }
      levels.push(level);
    }
    return levels;
  }

  const levels = uppermost();
  const root = levels[LAYER_HEIGHT]?.[0] as Uint8Array;
  const publicKey = concat([seeds.subarray(2 * N), root]);

  /** A forest in which nothing but what is shown exists; its public key too. */
  function signInForest(place: Place, digest: Uint8Array): { shown: Uint8Array; key: Uint8Array } {
    const shown: Uint8Array[] = [];
    const roots: Uint8Array[] = [];
    for (let tree = 0; tree < FOREST; tree++) {
      const bits = u16At(digest, (3 * tree) >> 1);
      let index = (tree << FOREST_HEIGHT) + (tree & 1 ? bits & 0xfff : bits >> 4);
      let node = hash(place, FORS_TREE, 0, index, ZERO);
      shown.push(ZERO);
      for (let height = 0; height < FOREST_HEIGHT; height++) {
        shown.push(ZERO);
        node = up(place, FORS_TREE, height, index, node, ZERO);
        index >>= 1;
      }
      roots.push(node);
    }
    return { shown: concat(shown), key: hash(place, FORS_ROOTS, 0, 0, concat(roots)) };
  }

  return {
    publicKey,
    sign(message, context) {
      const bound = concat([new Uint8Array([0, context.length]), context, message]);
      const randomizer = sha256(seeds, bound).subarray(0, N);
      const inner = sha256(randomizer, publicKey, bound);
      const digest = sha256(randomizer, publicKey.subarray(0, N), inner, new Uint8Array(4));
      let tree = BigInt(`0x${Buffer.from(digest.subarray(21, 28)).toString('hex')}`) & ((1n << 54n) - 1n);
      let keyPair = u16At(digest, 28) & 0x1ff;
      const forest = signInForest({ layer: 0, tree, keyPair }, digest);
      const parts = [randomizer, forest.shown];
      let node = forest.key;
      for (let layer = 0; layer < LAYERS; layer++) {
        const place = { layer, tree, keyPair };
        parts.push(signOnce(place, node));
        node = chainEnds(place);
        let index = keyPair;
        for (let height = 0; height < LAYER_HEIGHT; height++) {
          const neighbour = layer === LAYERS - 1 ? (levels[height]?.[index ^ 1] as Uint8Array) : ZERO;
          parts.push(neighbour);
          node = up({ ...place, keyPair: 0 }, XMSS_TREE, height, index, node, neighbour);
          index >>= 1;
        }
        keyPair = Number(tree & 0x1ffn);
        tree >>= 9n;
      }
      return concat(parts);
    },
  };
}
