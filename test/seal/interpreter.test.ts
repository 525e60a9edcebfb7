/**
 * X25519 and HPKE on the real interpreter, whose numbers are not quite JavaScript's (a leading zero makes them octal, to
 * name one). `ESPRUINO` names a Linux build of it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundle } from '../../tools/firmware/bundle.js';

const interpreter = process.env.ESPRUINO;
if (interpreter === undefined) console.log('skipped: no ESPRUINO');

const ROOT = new URL('../../', import.meta.url).pathname;
// RFC 9180, appendix A.7.1.
const EPHEMERAL = '095182b502f1f91f63ba584c7c3ec473d617b8b4c2cec3fad5af7fa6748165ed';
const RECIPIENT = '194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664';

const literal = (hex: string): string => `new Uint8Array([${[...Buffer.from(hex, 'hex')].join()}])`;

it.skipIf(interpreter === undefined)('Espruino makes the share of RFC 9180', { timeout: 120_000 }, async () => {
  const code = await bundle({
    root: ROOT,
    entry: join(ROOT, 'test/seal/interpreter-entry.ts'),
    ambient: join(ROOT, 'device/boards/espruino'),
  });
  const dir = mkdtempSync(join(tmpdir(), 'galet-'));
  try {
    const script = join(dir, 'script.js');
    writeFileSync(
      script,
      `var ephemeral = ${literal(EPHEMERAL)}, recipient = ${literal(RECIPIENT)};
      function sha256(data) { return new Uint8Array(require('crypto').SHA256(data)); }
      function say(what) { print('<<<' + what + '>>>'); }
      ${code};
      quit();\n`,
    );
    const out = execFileSync(interpreter!, [script], { cwd: dir, encoding: 'latin1', timeout: 110_000 });
    expect([...out.matchAll(/<<<(.*?)>>>/g)].map((match) => match[1])).toEqual([
      'e5e8f9bfff6c2f29791fc351d2c25ce1299aa5eaca78a757c0b4fb4bcd830918',
      'ffaabc85a776136ca0c378e5d084c9140ab552b78f039d2e8775f26efff4c70e',
    ]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
