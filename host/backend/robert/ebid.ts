/**
 * EBID and ECC (ROBERT v1.1 section 4.1; robert-server behaviour):
 *
 *   block = epoch, low 24 bits, big-endian (3) | permanent identifier (5)
 *   EBID  = SKINNY-64/192(K_S of the epoch's key day, block)
 *   ECC   = first byte of AES-ECB(K_G, EBID | eight zeros)  XOR  country code
 */
import { createCipheriv } from 'node:crypto';
import { copyOf } from '../../../device/bytes.js';
import { EBID_LENGTH } from '../../../device/robert/hello.js';
import { decryptBlock, encryptBlock, type SkinnyKey } from './skinny.js';

export const ID_LENGTH = 5;
const EPOCH_LENGTH = 3;

/** The keys that identifiers are made of, and the calendar they belong to. */
export interface KeyRing {
  /** NTP seconds of epoch 0. */
  readonly serviceStart: number;
  /** This server's own country code. */
  readonly countryCode: number;
  readonly ecc: EccCipher;
  /** K_S of a key day (keydays.ts); undefined when the server has none, or no longer. */
  serverKey(day: number): SkinnyKey | undefined;
}

export interface EbidContent {
  /** Low 24 bits. */
  epoch: number;
  /** 5 bytes. */
  id: Uint8Array;
}

/** 8 bytes; bits of `epoch` above the 24th are dropped. */
export function makeEbid(key: SkinnyKey, epoch: number, id: Uint8Array): Uint8Array {
  return encryptBlock(key, ebidBlock(epoch, id));
}

/** The block under an EBID, before encryption. */
export function ebidBlock(epoch: number, id: Uint8Array): Uint8Array {
  const block = new Uint8Array(EBID_LENGTH);
  block[0] = (epoch >>> 16) & 0xff;
  block[1] = (epoch >>> 8) & 0xff;
  block[2] = epoch & 0xff;
  block.set(id, EPOCH_LENGTH);
  return block;
}

/** What an EBID says under a key: sense only when it was made with that key, which nothing in it proves. */
export function openEbid(key: SkinnyKey, ebid: Uint8Array): EbidContent {
  const block = decryptBlock(key, ebid);
  return { epoch: (block[0]! << 16) | (block[1]! << 8) | block[2]!, id: copyOf(block, EPOCH_LENGTH, EBID_LENGTH) };
}

/** Makes and opens ECCs under one federation key. */
export interface EccCipher {
  /** The 16 bytes of AES under K_G; an ECC uses the first. */
  aesBlock(ebid: Uint8Array): Uint8Array;
  /** ECC from country code, and country code from ECC: the same operation. */
  apply(ebid: Uint8Array, byte: number): number;
}

/** `federationKey` K_G: 16, 24 or 32 bytes. */
export function eccCipher(federationKey: Uint8Array): EccCipher {
  // ECB has no state from block to block, so one cipher object serves for ever.
  const cipher = createCipheriv(`aes-${federationKey.length * 8}-ecb`, federationKey, null).setAutoPadding(false);
  const block = new Uint8Array(16);
  const aesBlock = (ebid: Uint8Array): Uint8Array => {
    block.set(ebid);
    return cipher.update(block);
  };
  return { aesBlock, apply: (ebid, byte) => aesBlock(ebid)[0]! ^ byte };
}
