import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releasesJson } from '../../host/release/answer.js';
import { readReleases, readSigned, releaseFile, rootFile, writeSigned } from '../../host/release/folder.js';
import { type ReleaseKey, writeKey } from '../../host/release/keys.js';
import { GATEWAY_KEY, HOLDERS, IMAGE, keyFile, PASSPHRASE, writeFolder } from '../release/support.js';
import { chance, seededRandom } from '../support/chance.js';
import { ISSUED, RELEASE_KEYS, release, root } from '../support/release-keys.js';
import { galet, type Ran, type RunOptions } from './support.js';

const SECRET = { GALET_PASSPHRASE: PASSPHRASE };
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const errorOf = (ran: Ran) => (ran.json().error ?? {}) as { code: string; message: string; exit: number };
const publicOf = (index: number): string => hex((RELEASE_KEYS[index] as ReleaseKey).publicKey);

/** A terminal at which somebody types these keystrokes, cut anywhere. It must not echo from the first question on. */
function keyboard(strokes: Buffer[]): RunOptions {
  let isRaw = false;
  return {
    onStart: (_stop, stdin) => {
      const setRawMode = (wanted: boolean): void => {
        isRaw = wanted;
      };
      Object.assign(stdin, { isTTY: true, setRawMode });
      for (const stroke of strokes) stdin.write(stroke);
    },
    onOutput: (text) => {
      if (/: $/.test(text)) expect(isRaw).toBe(true);
      if (/^Making/.test(text)) expect(isRaw).toBe(false);
    },
  };
}

describe('the desk of the key holders', () => {
  let desk: string;
  let build: string;
  let releases: string;
  const at = (name: string): string => join(desk, name);

  function writeBuild(image: Uint8Array, changes: Record<string, unknown> = {}): void {
    mkdirSync(build, { recursive: true });
    writeFileSync(join(build, 'galet.js'), image);
    const manifest = {
      manifest: 1,
      board: 'bangle2',
      version: '0.3.0',
      espruino: { board: 'BANGLEJS2', minimum: '2v29' },
      storage: '.boot0',
      file: 'galet.js',
      bytes: image.length,
      sha256: createHash('sha256').update(image).digest('hex'),
      ...changes,
    };
    writeFileSync(join(build, 'manifest.json'), JSON.stringify(manifest));
  }

  beforeAll(() => {
    desk = mkdtempSync(join(tmpdir(), 'galet-desk-'));
    build = at('build');
    releases = at('releases');
    HOLDERS.forEach((_name, index) => {
      writeKey(keyFile(desk, index), RELEASE_KEYS[index] as ReleaseKey, PASSPHRASE, seededRandom(index));
    });
  });
  afterAll(() => rmSync(desk, { recursive: true }));

  const firmware = (...args: string[]): Promise<Ran> => galet(['firmware', ...args], { env: SECRET });
  const publicKeys = (...holders: number[]): string[] => holders.map((index) => at(`${HOLDERS[index]}.pub`));
  const sign = async (file: string, holder: number, ...more: string[]): Promise<Ran> => {
    const ran = await firmware('sign', file, '--key', keyFile(desk, holder), ...more);
    // Signing keeps this process busy for seconds: the test runner is let in between.
    await sleep(50);
    return ran;
  };

  describe('a whole ceremony', () => {
    it('begins with a root of three keys, which two of them sign', async () => {
      const file = rootFile(releases, 1);
      const made = await firmware('root', '--keys', ...publicKeys(0, 1, 2), '--out', file);
      expect(made).toMatchObject({ code: 0, stderr: '' });
      expect(made.stdout).toContain('Release keys (root), version 1:');
      for (const index of [0, 1, 2]) expect(made.stdout).toContain(publicOf(index));
      expect(made.stdout).toContain('Signatures still missing: 2.');
      const unsigned = await firmware('check', releases, '--json');
      expect(unsigned.code).toBe(84);
      expect(unsigned.json()).toMatchObject({
        ok: false,
        checked: [{ ok: false, error: { code: 'signatures-missing' } }],
      });

      const first = await sign(file, 0);
      expect(first).toMatchObject({ code: 0, stdout: `Wrote ${file}.\nSignatures still missing: 1.\n` });
      expect(first.stderr).toContain('Release keys (root), version 1:');
      expect(first.stderr).toContain(`Signing with key ${publicOf(0).slice(0, 16)}: a few seconds…`);
      expect(errorOf(await sign(file, 0, '--json')).code).toBe('signer-twice');
      expect(errorOf(await sign(file, 3, '--json')).code).toBe('signer-unknown');
      expect((await sign(file, 2, '--json')).json()).toMatchObject({ kind: 'root', version: 1, missing: 0 });
      expect(await firmware('check', releases, '--root', file)).toMatchObject({
        code: 0,
        stdout: `right  ${file}: release keys, version 1\nA token would take all of this.\n`,
      });
      expect(errorOf(await galet(['firmware', 'root', '--keys', 'x', '--out', file, '--json'])).code).toBe(
        'file-there',
      );
    });

    it('goes on with a configuration', async () => {
      const file = join(releases, 'configuration.json');
      const key = Buffer.from(GATEWAY_KEY).toString('base64');
      const make = (...args: string[]) => firmware('configure', '--out', file, '--gateway-key', key, ...args);
      const made = await make('--end', '2027-06-30');
      expect(made.stdout).toContain('the service ends on 2027-06-30 00:00 UTC, and tokens erase themselves');
      expect(made.stdout).toContain('until');
      expect((await make('--end', 'never', '--json')).json()).toMatchObject({ version: 2, end: null, missing: 2 });
      expect((await make('--end', 'never', '--number', '9', '--json')).json()).toMatchObject({ version: 9 });
      expect(errorOf(await make('--end', 'never', '--number', '9', '--json'))).toMatchObject({
        code: 'version-taken',
        exit: 97,
      });
      expect((await make('--end', '2020-01-01')).stdout).toContain('the service HAS ENDED');
      for (const end of ['2027-02-30', 'tomorrow', '2027-6-30', '1899-01-01', '2040-01-01']) {
        expect((await make('--end', end)).code, end).toBe(2);
      }
      expect((await firmware('configure', '--out', file, '--end', 'never')).stderr).toContain('--gateway-key');
    });

    it('and a release, which needs its image to be signed', async () => {
      writeBuild(IMAGE);
      rmSync(join(releases, 'configuration.json'), { force: true });
      const file = releaseFile(releases, 'bangle2');
      const made = await firmware('release', build, '--out', releases, '--json');
      expect(made.json()).toMatchObject({
        file,
        kind: 'release',
        board: 'bangle2',
        version: '0.3.0',
        interpreter: '2v29',
        size: IMAGE.length,
        sha256: createHash('sha256').update(IMAGE).digest('hex'),
        signers: [],
        missing: 2,
      });
      expect(readFileSync(join(releases, 'bangle2', 'galet.js'))).toEqual(Buffer.from(IMAGE));
      writeFileSync(join(releases, 'bangle2', 'galet.js'), IMAGE.subarray(1));
      expect(errorOf(await sign(file, 0, '--json'))).toMatchObject({ code: 'image-wrong', exit: 88 });
      expect(readSigned(file).signatures).toHaveLength(0);

      writeFileSync(join(releases, 'bangle2', 'galet.js'), IMAGE);
      const first = await sign(file, 1);
      expect(first.stderr).toContain('Release: firmware 0.3.0 for board bangle2:');
      expect(first.stderr).toContain(`SHA-256 ${createHash('sha256').update(IMAGE).digest('hex')}`);
      expect(first.stderr).toMatch(/tokens take it until 20\d\d-\d\d-\d\d \d\d:\d\d UTC \(30 days from now\)/);
      expect((await firmware('check', releases)).code).toBe(84);
      expect((await sign(file, 2)).stdout).toContain('All signatures are there.');
      const checked = await firmware('check', releases, '--lang', 'fr');
      expect(checked).toMatchObject({ code: 0, stderr: '' });
      expect(checked.stdout).toContain('Un galet accepterait tout cela.');
      expect(checked.stdout).toContain('est crue telle quelle');
      expect((await firmware('check', file, '--root', rootFile(releases, 1))).code).toBe(0);
      expect((await firmware('list', releases)).stdout).toMatch(
        /^release keys, version 1, signatures: 2\nbangle2 0\.3\.0, 10000 bytes, [0-9a-f]{12}, until .* UTC, signatures: 2\n$/,
      );
    });

    it('does not take another image under the version that was signed, nor an older version', async () => {
      const again = () => firmware('release', build, '--out', releases, '--expires', '7', '--json');
      writeBuild(IMAGE.subarray(5));
      expect(errorOf(await again())).toMatchObject({ code: 'version-taken', exit: 97 });
      writeBuild(IMAGE, { version: '0.2.9' });
      expect(errorOf(await again()).code).toBe('version-taken');
      writeBuild(IMAGE);
      expect((await again()).json()).toMatchObject({ version: '0.3.0', signers: [] });
    });

    it('replaces one key, which signs nothing else before two of the old and two of the new have agreed', async () => {
      const file = rootFile(releases, 2);
      const made = await firmware(
        ...['root', '--keys', ...publicKeys(0, 1, 3)],
        ...['--previous', rootFile(releases, 1), '--out', file, '--json'],
      );
      expect(made.json()).toMatchObject({ version: 2, missing: 2 });
      expect((await sign(file, 3, '--json')).json()).toMatchObject({ missing: 2 });
      // Two of each root are wanted: Dan's counts for the new one alone, Alice's for both, Carol's for the old one alone.
      expect((await sign(file, 0, '--json')).json()).toMatchObject({ missing: 1 });
      expect(errorOf(await sign(releaseFile(releases, 'bangle2'), 3, '--json')).code).toBe('signer-unknown');
      expect((await firmware('check', releases)).code).toBe(84);
    });
  });

  describe('a key', () => {
    it('is made with a passphrase that is typed twice and shown nowhere', async () => {
      const out = at('erin.key');
      // "correct hÉ" mistyped, one letter taken back, an accent cut between two of its bytes, both lines in one go.
      const typed = Buffer.from('correctx\u007f h\u00e9\u001b rse\rcorrect h\u00e9 rse\r');
      const strokes = [typed.subarray(0, 12), typed.subarray(12)];
      const ran = await galet(['firmware', 'key', '--out', out], keyboard(strokes));
      expect(ran.code).toBe(0);
      expect(ran.stderr).toBe(`New passphrase for ${out}: \nThe same again: \nMaking a key: a few seconds…\n`);
      expect(ran.stdout + ran.stderr).not.toContain('rse');
      const publicKey = readFileSync(at('erin.pub'), 'utf8').trim();
      expect(publicKey).toMatch(/^[0-9a-f]{64}$/);
      expect(ran.stdout).toContain(publicKey);
      expect(statSync(out).mode & 0o777).toBe(0o600);
      expect(errorOf(await firmware('key', '--out', out, '--json'))).toMatchObject({ code: 'file-there', exit: 91 });
    });

    it.each([
      ['too short', 'short\rshort\r', 'passphrase-short'],
      ['not the same twice', 'correct horse\rcorrect house\r', 'passphrase-short'],
      ['broken off with Ctrl-C', 'correct\u0003', 'interrupted'],
    ])('is not made with a passphrase that is %s', async (_name, typed, code) => {
      const args = ['firmware', 'key', '--out', at('frank.key'), '--json'];
      const ran = await galet(args, keyboard([Buffer.from(typed)]));
      expect(errorOf(ran).code).toBe(code);
      expect(existsSync(at('frank.key'))).toBe(false);
    });

    it('is not opened where nobody can be asked, or with a wrong passphrase', async () => {
      const file = at('lone.json');
      writeSigned(file, root({ signers: [] }));
      const key = ['--key', keyFile(desk, 0), '--json'];
      expect(errorOf(await galet(['firmware', 'sign', file, ...key])).code).toBe('passphrase-missing');
      const wrong = await galet(['firmware', 'sign', file, ...key], { env: { GALET_PASSPHRASE: 'wrong horse' } });
      expect(errorOf(wrong)).toMatchObject({ code: 'passphrase-wrong', exit: 94 });
      expect(wrong.stdout + wrong.stderr).not.toContain('wrong horse');
      const asked = await galet(['firmware', 'sign', file, ...key], keyboard([Buffer.from('no such\r')]));
      expect(asked.stderr).toContain(`Passphrase of ${keyFile(desk, 0)}: \n`);
      expect(errorOf(asked).code).toBe('passphrase-wrong');
      expect(readSigned(file).signatures).toHaveLength(0);
    });

    it('signs with a passphrase from a file, and an object that lies alone with a remark', async () => {
      const file = at('lone-release.json');
      writeSigned(file, release({ version: '0.3.0', board: 'bangle2', image: IMAGE, signers: [] }).object);
      writeFileSync(at('galet.js'), IMAGE);
      writeFileSync(at('passphrase.txt'), `${PASSPHRASE}\r\n`);
      const args = ['firmware', 'sign', file, '--key', keyFile(desk, 0), '--passphrase-file', at('passphrase.txt')];
      const ran = await galet(args);
      expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('Signatures still missing: 1.') });
      expect(ran.stderr).toContain('No root is known here');
    });
  });

  describe('what is not to be signed or released', () => {
    it('is refused when it has expired', async () => {
      const file = at('old.json');
      const image = IMAGE;
      writeFileSync(at('galet.js'), image);
      const expires = ISSUED + 60;
      writeSigned(file, release({ version: '0.3.0', board: 'bangle2', image, expires, signers: [] }).object);
      const ran = await sign(file, 0);
      expect(ran.code).toBe(85);
      expect(ran.stderr).toContain('EXPIRED on 2026-01-01 00:01 UTC');
      expect(readSigned(file).signatures).toHaveLength(0);
    });

    it('is refused when a signature on it is wrong already', async () => {
      const file = at('spoilt.json');
      const { kind, body, signatures } = root();
      const [good] = signatures as [(typeof signatures)[number]];
      writeSigned(file, { kind, body, signatures: [{ key: good.key, signature: new Uint8Array(7856) }] });
      expect(errorOf(await sign(file, 1, '--json'))).toMatchObject({ code: 'signature-wrong', exit: 81 });
    });

    it.each<[string, Record<string, unknown>, string]>([
      ['another manifest', { manifest: 2 }, 'manifest'],
      ['a board that leads elsewhere', { board: '../../etc' }, 'board'],
      ['the board “roots”', { board: 'roots' }, 'board'],
      ['a version that is none', { version: '0.3' }, 'version'],
      ['no least interpreter', { espruino: {} }, 'nothing'],
      ['an interpreter that is none', { espruino: { minimum: 'new' } }, 'espruino.minimum'],
      ['a script elsewhere', { file: '../galet.js' }, 'file'],
      ['another hash', { sha256: '00' }, 'sha256'],
    ])('is refused when its build has %s', async (_name, changes, field) => {
      writeBuild(IMAGE, changes);
      const ran = await firmware('release', build, '--out', at('elsewhere'), '--json');
      if (field === 'nothing') expect(ran.code).toBe(0);
      else
        expect(errorOf(ran)).toMatchObject({ code: 'build-unusable', message: expect.stringContaining(`(${field})`) });
    });

    it('is refused when its image is too large for a slot', async () => {
      writeBuild(new Uint8Array(24 * 4096 + 1));
      const ran = await firmware('release', build, '--out', at('elsewhere'), '--json');
      expect(errorOf(ran)).toMatchObject({ code: 'file-unusable', exit: 90 });
    });

    it.each(['0', '91', '1.5', 'soon'])('is refused when it is to expire in %s days', async (days) => {
      expect((await firmware('release', build, '--out', releases, '--expires', days)).code).toBe(2);
    });

    it.each([
      ['two keys', [0, 1]],
      ['four keys', [0, 1, 2, 3]],
      ['one key twice', [0, 1, 1]],
    ])('is refused when a root is to have %s', async (_name, holders) => {
      const ran = await firmware('root', '--keys', ...publicKeys(...holders), '--out', at('no.json'), '--json');
      expect(errorOf(ran)).toMatchObject({ code: 'key-file-unusable', exit: 92 });
    });
  });

  it('reads whatever lies there without falling over, and refuses it by name', async () => {
    const seed = Number(process.env.GALET_SEED ?? Date.now() % 2 ** 32);
    console.log(`seed ${seed}`);
    const draw = chance(seed);
    const text = readFileSync(rootFile(releases, 1), 'latin1');
    for (let run = 0; run < 30; run++) {
      const from = Math.floor(draw() * text.length);
      const junk = String.fromCharCode(Math.floor(draw() * 256));
      const spoilt = text.slice(0, from) + junk + text.slice(from + Math.floor(draw() * 3));
      writeFileSync(at('spoilt.json'), spoilt, 'latin1');
      if (JSON.stringify(spoilt) === JSON.stringify(text)) continue;
      const ran = await firmware('check', at('spoilt.json'), '--root', rootFile(releases, 1), '--json');
      const [first] = ran.json().checked as { error?: { code: string } }[];
      if (ran.code !== 0) expect(first?.error?.code).toMatch(/^sign|^roots-broken$/);
      else expect(JSON.parse(spoilt)).toEqual(JSON.parse(text));
    }
  });

  describe('what is published', () => {
    let server: Server;
    let url: string;
    let versions: object[] = [];

    beforeAll(async () => {
      const folder = at('published');
      writeFolder(folder);
      server = createServer((request, response) => {
        const board = /^\/api\/v1\/releases\/(\w+)$/.exec(request.url ?? '')?.[1];
        const isOperator = request.headers.authorization === 'Bearer operator-secret';
        const fleet = isOperator ? { days: 7, versions, hidden: 12 } : { code: 'operator-refused' };
        const json = board === undefined ? fleet : releasesJson(readReleases(folder, board));
        response.writeHead(board === undefined && !isOperator ? 401 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(json));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it('is listed as a counter offers it', async () => {
      const ran = await firmware('list', '--kiosk', url, '--json');
      const objects = ran.json().objects as { kind: string }[];
      expect(objects.map(({ kind }) => kind)).toEqual(['root', 'configuration', 'release']);
      expect((await firmware('list', at('nowhere'))).stdout).toBe(`Nothing is published in ${at('nowhere')}.\n`);
    });

    it('is counted by version, for the operator alone', async () => {
      versions = [{ board: 'bangle2', version: '0.3.0', visits: 118 }];
      writeFileSync(at('operator'), 'operator-secret\n');
      const ran = await firmware('fleet', '--backend', url, '--credential', at('operator'));
      expect(ran.stdout).toBe(
        'Visits in the last 7 days and today, by version:\nbangle2  0.3.0: 118\n' +
          'Versions of fewer than ten visits each: 12 visits in all.\n',
      );
      writeFileSync(at('operator'), 'guessed\n');
      const refused = await firmware('fleet', '--backend', url, '--credential', at('operator'), '--json');
      expect(errorOf(refused).code).toBe('operator-refused');
    });
  });
});
