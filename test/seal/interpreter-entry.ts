/** A whole share on the interpreter, put to sleep once on the way; built as firmware is. */
import { exportSecret } from '../../device/seal/hpke.js';
import { createLadder, X25519_BASE } from '../../device/seal/x25519.js';

declare const ephemeral: Uint8Array;
declare const recipient: Uint8Array;
declare function sha256(data: Uint8Array): Uint8Array;
declare function say(what: string): void;

function hex(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) out += ((bytes[i] as number) + 256).toString(16).substr(1);
  return out;
}

function x25519(u: Uint8Array): Uint8Array {
  let ladder = createLadder(ephemeral, u);
  while (ladder.bitsDone() !== 100) ladder.step();
  const saved = ladder.save();
  ladder.erase();
  ladder = createLadder(ephemeral, u, saved);
  while (!ladder.step()) {}
  return ladder.result();
}

const enc = x25519(X25519_BASE);
say(hex(enc));
say(hex(exportSecret({ sha256 }, x25519(recipient), enc, recipient, 'Ode on a Grecian Urn', 'TestContext')));
