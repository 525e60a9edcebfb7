/** An image as a release describes it: by its size, its SHA-256 and that of each of its pages (docs/spec/update.md). */
import { concat, equal } from '../../device/bytes.js';
import { IMAGE_PAGES, PAGE, type Release } from '../../device/update/objects.js';
import { nodeDigest } from '../crypto.js';
import { GaletError } from '../errors.js';

export const IMAGE_MAX = IMAGE_PAGES * PAGE;

/** What a release says of an image, hashes of 32 bytes each. */
export function factsOf(image: Uint8Array): Pick<Release, 'size' | 'sha256' | 'pages'> {
  const pages: Uint8Array[] = [];
  for (let at = 0; at < image.length; at += PAGE) pages.push(nodeDigest.sha256(image.subarray(at, at + PAGE)));
  return { size: image.length, sha256: nodeDigest.sha256(image), pages: concat(pages) };
}

/** Throws 'image-wrong', naming `file`, unless the image is what the release names in all three ways. */
export function verifyImage(release: Release, image: Uint8Array, file: string): void {
  const { size, sha256, pages } = factsOf(image);
  if (size !== release.size) throw new GaletError('image-wrong', { file, field: 'size' });
  if (!equal(sha256, release.sha256)) throw new GaletError('image-wrong', { file, field: 'SHA-256' });
  // The token goes by these alone; people compare the other one.
  if (!equal(pages, release.pages)) throw new GaletError('image-wrong', { file, field: 'pages' });
}
