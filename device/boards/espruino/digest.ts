/** The interpreter's native SHA-256, some 240 times faster than one in JavaScript. */
import type { Digest } from '../../ports.js';

// biome-ignore lint/style/useNodejsImportProtocol: Espruino's module of that name, not Node's.
const { SHA256 } = require('crypto');

export const nativeDigest: Digest = { sha256: (data) => new Uint8Array(SHA256(data)) };
