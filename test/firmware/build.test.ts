import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PAGE } from '../../device/update/objects.js';
import { FIRMWARE_PAGES, imageAddress } from '../../device/update/slots.js';
import { BOARDS, ESPRUINO_MINIMUM } from '../../tools/firmware/boards.js';
import { buildFirmware, withTokens, writeFirmware } from '../../tools/firmware/build.js';
import { BuildError } from '../../tools/firmware/bundle.js';
import { pagesIn } from '../../tools/firmware/image.js';
import { syntaxProblems } from '../../tools/firmware/syntax.js';
import { ROOT, temporaryFolder } from './support.js';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const board = 'bangle2';

/** The part of the project that firmware is made of, in another folder. */
function copyOfProject(name: string): string {
  const root = join(temporaryFolder(), name);
  mkdirSync(root);
  for (const part of ['package.json', 'tsconfig.json', 'device'])
    cpSync(join(ROOT, part), join(root, part), { recursive: true });
  return root;
}

function digestOf(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

describe('the build of a firmware', () => {
  let here: Awaited<ReturnType<typeof buildFirmware>>;
  beforeAll(async () => {
    here = await buildFirmware(ROOT, board);
  });

  it('gives the same bytes in every folder', async () => {
    const one = await buildFirmware(copyOfProject('a'), board);
    const other = await buildFirmware(copyOfProject('another folder'), board);
    expect(digestOf(other.code)).toBe(digestOf(one.code));
    expect(other).toEqual(one);
    expect(one).toEqual(here);
  });

  it('writes scripts in the board’s language and a manifest that names them', () => {
    const folder = temporaryFolder();
    const place = writeFirmware(folder, here);
    expect(place).toBe(join(folder, board));
    const script = readFileSync(join(place, 'galet.js'));
    const selector = readFileSync(join(place, 'selector.js'));
    const installer = readFileSync(join(place, 'installer.js'));
    expect(JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8'))).toEqual({
      manifest: 1,
      board,
      version,
      espruino: { board: 'BANGLEJS2', minimum: ESPRUINO_MINIMUM },
      file: 'galet.js',
      storage: 'galet.fw',
      bytes: script.length,
      sha256: digestOf(script),
      selector: { file: 'selector.js', bytes: selector.length, sha256: digestOf(selector) },
      installer: { file: 'installer.js', bytes: installer.length, sha256: digestOf(installer) },
    });
    for (const code of [script, selector, installer]) expect(syntaxProblems(code.toString('latin1'))).toEqual([]);
  });

  it('makes one function expression of the selector, which takes the console away first', () => {
    expect(here.selector).toMatch(/^\(function\(\)\{E\.setConsole\(null,\{force:true\}\);.*\}\)\(\);$/s);
  });

  it('says the version that it is told', async () => {
    const other = await buildFirmware(ROOT, board, { version: '9.8.7' });
    expect(other.manifest.version).toBe('9.8.7');
    expect(other.code).toContain('"9.8.7"');
    expect(here.code).not.toContain('"9.8.7"');
    await expect(buildFirmware(ROOT, board, { version: '1.2' })).rejects.toThrow('1.2 is no version like 1.2.3');
  });

  it('writes the same script as tokens, at least a tenth smaller, when asked', () => {
    const folder = temporaryFolder();
    const { tokens, manifest } = withTokens(here);
    const place = writeFirmware(folder, { ...here, tokens, manifest });
    const file = readFileSync(join(place, 'galet.tok'));
    expect(manifest).toEqual({
      ...here.manifest,
      tokens: { file: 'galet.tok', bytes: file.length, sha256: digestOf(file) },
    });
    expect(JSON.parse(readFileSync(join(place, 'manifest.json'), 'utf8'))).toEqual(manifest);
    expect(file.length).toBeLessThan(here.manifest.bytes * 0.9);
    expect(digestOf(readFileSync(join(place, 'galet.js')))).toBe(here.manifest.sha256);
  });

  it('gives a bundle without the long names of its source', () => {
    for (const name of ['goodForDays', 'storageFlash', 'advertise', 'frame-malformed', 'monotonic', '__assign']) {
      expect(here.code).not.toContain(name);
    }
  });

  it('refuses a board that there is not', async () => {
    await expect(buildFirmware(ROOT, 'nosuch')).rejects.toThrow(BuildError);
    await expect(buildFirmware(ROOT, 'toString')).rejects.toThrow(BuildError);
  });
});

describe('npm run firmware', () => {
  const main = join(ROOT, 'dist/tools/firmware/main.js');

  it('says in one sentence that there is no such board', () => {
    const { status, stdout, stderr } = spawnSync('node', [main, 'nosuch'], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toBe(`there is no board nosuch; there are ${Object.keys(BOARDS).join(', ')}, linux\n`);
  });

  it('makes the image of Linux tokens, under the version that it is told', async () => {
    const { code, manifest } = await buildFirmware(ROOT, 'linux', { version: '3.2.1' });
    expect(manifest).toMatchObject({ board: 'linux', version: '3.2.1', bytes: code.length, sha256: digestOf(code) });
    expect(code).toMatch(/galetImage\(.*"3\.2\.1"/);
  });

  it('explains itself with examples', () => {
    expect(execFileSync('node', [main, '--help'], { encoding: 'utf8' })).toMatch(
      /Examples:\n {2}npm run -s firmware -- bangle2/,
    );
    const { status, stderr } = spawnSync('node', [main], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/missing required argument 'board'[\s\S]*Examples:/);
  });

  it('writes to the folder it is told, prints what it wrote, and makes a Storage with it', () => {
    const out = temporaryFolder();
    const storage = join(out, 'espruino.flash');
    const arguments_ = [main, board, '--out', out];
    const printed = execFileSync('node', [...arguments_, '--json', '--storage', storage], { encoding: 'utf8' });
    const manifest = JSON.parse(readFileSync(join(out, board, 'manifest.json'), 'utf8'));
    const script = readFileSync(join(out, board, 'galet.js'));
    expect(JSON.parse(printed)).toEqual([manifest]);
    expect(manifest.sha256).toBe(digestOf(script));
    const image = readFileSync(storage);
    expect(image).toHaveLength(BOARDS[board]!.storage);
    const slot = pagesIn(image, 'galet.fw', FIRMWARE_PAGES * PAGE).subarray(imageAddress(0));
    expect(Buffer.compare(slot.subarray(0, script.length), script)).toBe(0);
    expect(image.subarray(32, 32 + manifest.selector.bytes)).toEqual(readFileSync(join(out, board, 'selector.js')));
    const words = execFileSync('node', [...arguments_, '--tokens'], { encoding: 'utf8', cwd: out });
    const { tokens } = JSON.parse(readFileSync(join(out, board, 'manifest.json'), 'utf8'));
    expect(words.split('\n')).toEqual([
      expect.stringMatching(`^${board}  ${manifest.bytes} bytes \\([+±-]\\d+\\)  SHA-256 ${manifest.sha256}$`),
      `  ${board}/galet.js`,
      `${board}  ${tokens.bytes} bytes  SHA-256 ${tokens.sha256}`,
      `  ${board}/galet.tok`,
      ...[manifest.selector, manifest.installer].flatMap(({ file, bytes, sha256 }) => [
        `${board}  ${bytes} bytes  SHA-256 ${sha256}`,
        `  ${board}/${file}`,
      ]),
      '',
    ]);
  });
});
