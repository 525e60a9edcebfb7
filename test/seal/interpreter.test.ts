/**
 * X25519, HPKE and SLH-DSA on the real interpreter, whose numbers are not quite JavaScript's (a leading zero makes them octal, to
 * name one). `ESPRUINO` names a Linux build of it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SLH_SIGNATURE } from '../../device/seal/slh-dsa.js';
import { bundle } from '../../tools/firmware/bundle.js';
import { storageImage } from '../../tools/firmware/image.js';
import { SIGNED } from './signed.js';

const interpreter = process.env.ESPRUINO;
if (interpreter === undefined) console.log('skipped: no ESPRUINO');

const ROOT = new URL('../../', import.meta.url).pathname;
// RFC 9180, appendix A.7.1.
const EPHEMERAL = '095182b502f1f91f63ba584c7c3ec473d617b8b4c2cec3fad5af7fa6748165ed';
const RECIPIENT = '194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664';

/** As much as Bangle.js 2 has. */
const STORAGE_BYTES = 8 << 20;

const literal = (bytes: Uint8Array): string => `new Uint8Array([${bytes.join()}])`;

/**
 * What an entry beside this file says, after `prelude`, which may define `ending` for the end. With
 * `isInStorage` the code is where a board has it: there it costs no variables, and on Linux much time. An exception is the
 * last word.
 */
async function run(entry: string, prelude: string, isInStorage = false): Promise<string[]> {
  const code = await bundle({
    root: ROOT,
    entry: join(ROOT, 'test/seal', entry),
    ambient: join(ROOT, 'device/boards/espruino'),
    natives: { 'device/bytes': 'device/boards/espruino/bytes' },
  });
  const dir = mkdtempSync(join(tmpdir(), 'galet-'));
  try {
    writeFileSync(join(dir, 'espruino.flash'), storageImage(STORAGE_BYTES, { code }));
    writeFileSync(
      join(dir, 'script.js'),
      `function sha256(data) { return new Uint8Array(require('crypto').SHA256(data)); }
      function say(what) { print('<<<' + what + '>>>'); }
      function ending() {}
      ${prelude}
      try { ${isInStorage ? "eval(require('Storage').read('code'))" : code}; ending(); } catch (e) { say('' + e); }
      quit();\n`,
    );
    // The console floods its output once its input ends, and heeds no other signal.
    const options = { cwd: dir, encoding: 'latin1', timeout: 110_000, killSignal: 'SIGKILL' } as const;
    const out = execFileSync(resolve(interpreter!), ['script.js'], { ...options, maxBuffer: 64 << 20 });
    return [...out.matchAll(/<<<(.*?)>>>/g)].map((match) => match[1]!);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

it.skipIf(interpreter === undefined)('Espruino makes the share of RFC 9180', { timeout: 120_000 }, async () => {
  const said = await run(
    'interpreter-entry.ts',
    `var ephemeral = ${literal(bytes(EPHEMERAL))}, recipient = ${literal(bytes(RECIPIENT))};`,
  );
  expect(said).toEqual([
    'e5e8f9bfff6c2f29791fc351d2c25ce1299aa5eaca78a757c0b4fb4bcd830918',
    'ffaabc85a776136ca0c378e5d084c9140ab552b78f039d2e8775f26efff4c70e',
  ]);
});

describe.skipIf(interpreter === undefined)('a signature on Espruino', () => {
  const PIECE = 256;
  /** 3 % of what Bangle.js 2 has. What the test itself holds, a piece and its text, is counted too. */
  const BLOCKS_MAX = 360;
  const inputs = `var publicKey = ${literal(SIGNED.publicKey)}, context = ${literal(SIGNED.context)},
      message = ${literal(SIGNED.message)}, SIGNATURE = ${SLH_SIGNATURE}, PIECE = ${PIECE},
      signature = atob('${Buffer.from(SIGNED.signature).toString('base64')}');
    function pieceOf(start, end, isForged) {
      var piece = E.toUint8Array(signature.substr(start, end - start));
      if (isForged && start === 0) piece[200] ^= 4;
      return piece;
    }`;

  it('is accepted when it is right, and refused when a bit is wrong', { timeout: 120_000 }, async () => {
    const said = await run(
      'slh-dsa-entry.ts',
      `${inputs}
      var hashes = 0, slowest = 0, start = getTime(), total = 0;
      function watch() { hashes++; }
      function piecePushed() {
        var took = getTime() - start;
        total += took;
        if (took > slowest) slowest = took;
        start = getTime();
      }
      function ending() {
        var native = getTime(), data = new Uint8Array(102), i;
        for (i = 0; i < 500; i++) sha256(data);
        native = (getTime() - native) / 500;
        say(hashes);
        say(slowest * hashes / total);
        say(total / hashes / native);
        say(slowest / native);
      }`,
    );
    expect(said.slice(0, 2)).toEqual(['true', 'false']);
    const [hashes, share, ratio, slowest] = said.slice(2).map(Number);
    console.log(
      `two signatures: ${hashes} hashes, each with what surrounds it ${ratio?.toFixed(1)} times one native hash of 102 bytes; ` +
        `the slowest piece of ${PIECE} bytes ${slowest?.toFixed(0)} native hashes (${share?.toFixed(0)} mean ones)`,
    );
    expect(hashes).toBeGreaterThan(2 * 1700);
    expect(hashes).toBeLessThan(2 * 2500);
  });

  it('takes few variables', { timeout: 120_000 }, async () => {
    const said = await run(
      'slh-dsa-entry.ts',
      `${inputs}
      var peak = 0, steady = 0, base, pieces = 0;
      function watch() {
        var used;
        if (base === undefined) base = process.memory().usage;
        // Each hash of the forest and of one layer: the others are like it.
        if (pieces > 14) return;
        used = process.memory(false).usage;
        if (used > peak) peak = used;
      }
      function piecePushed() {
        pieces++;
        if (pieces === 14) steady = process.memory().usage;
      }
      function ending() { say(peak - base); say(steady - base); say(process.memory().blocksize); }`,
      true,
    );
    const [peak, steady, size] = said.slice(2).map(Number);
    console.log(`a signature takes ${steady} blocks of ${size} bytes between two pieces, ${peak} at the peak`);
    expect(peak).toBeLessThan(BLOCKS_MAX);
  });
});
