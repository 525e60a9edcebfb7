import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { thisSystem } from '../../host/doctor/system.js';
import { openPty } from '../../host/link/pty.js';
import { openSerial } from '../../host/link/serial.js';
import { type Adapter, plugAdapter } from '../../tools/air/adapter.js';
import { type EmulatedAir, startAir, whyNoAir } from '../../tools/air/btvirt.js';
import { galet, type Ran } from './support.js';

interface Line {
  check: string;
  state: string;
  finding: string;
  sentence: string;
}

const linesOf = (ran: Ran): Line[] => JSON.parse(ran.stdout) as Line[];
const found = (ran: Ran, check: string): Line[] => linesOf(ran).filter((line) => line.check === check);
const isLinux = process.platform === 'linux';
const hasBluetooth = isLinux && statSync('/sys/class/bluetooth', { throwIfNoEntry: false }) !== undefined;

describe('galet doctor on this computer', () => {
  it('finds Node and every native module in order, by really loading them', async () => {
    const ran = await galet(['doctor', '--json']);
    expect(ran.stderr).toBe('');
    expect(found(ran, 'node')).toMatchObject([{ state: 'ok', finding: 'nodeFine' }]);
    expect(found(ran, 'clock')).toMatchObject([{ state: 'ok' }]);
    if (isLinux) expect(found(ran, 'module').map(({ finding }) => finding)).toEqual(Array(4).fill('moduleLoads'));
    for (const line of linesOf(ran)) expect(Object.keys(line)).toEqual(['check', 'state', 'finding', 'sentence']);
    const isToDo = linesOf(ran).some(({ state }) => state === 'to-do');
    expect(ran.code === 0).toBe(!isToDo);
  });

  it('says one line for each, in both languages', async () => {
    const english = await galet(['doctor']);
    const french = await galet(['doctor', '--lang', 'fr']);
    expect(english.stdout).toMatch(/^ok {10}Node /);
    expect(french.stdout).toMatch(/^bon {9}Node /);
    expect(french.stdout.split('\n')).toHaveLength(english.stdout.split('\n').length);
    expect(english.stdout.trimEnd().split('\n').at(-1)).toMatch(/^(All that is needed works\.|To do: \d+\.)$/);
  });

  it.skipIf(hasBluetooth || !isLinux)('takes it that there is no Bluetooth, unless a token shall run', async () => {
    expect(found(await galet(['doctor', '--json']), 'adapter')).toMatchObject([{ state: 'not-needed' }]);
    const forToken = await galet(['doctor', '--token', '--json']);
    expect(found(forToken, 'adapter')).toMatchObject([{ state: 'to-do', finding: 'adapterMissing' }]);
    expect([120, 122]).toContain(forToken.code);
  });

  it('looks at a port that is named: free, in use, or not there', async () => {
    const pty = openPty();
    try {
      const about = async (port: string): Promise<string | undefined> =>
        found(await galet(['doctor', port, '--json']), 'port')[0]?.finding;
      expect(await about(pty.path)).toBe('portReady');
      const carrier = await openSerial(pty.path);
      // Whoever may look into all processes is told which one it is: this one.
      expect(await about(pty.path)).toMatch(/^port(Held|Busy)$/);
      await carrier.close();
      expect(await about(pty.path)).toBe('portReady');
      expect(await about('/dev/no-such-port')).toBe('portMissing');
    } finally {
      pty.close();
    }
  });

  it('prints udev rules, and where they belong', async () => {
    const { stdout, code } = await galet(['doctor', '--udev']);
    expect(code).toBe(0);
    expect(stdout).toContain('# Save as /etc/udev/rules.d/70-galet.rules');
    for (const line of stdout.trimEnd().split('\n')) {
      if (line.startsWith('#')) continue;
      expect(line).toMatch(/^SUBSYSTEM=="tty", (ATTRS\{id(Vendor|Product)\}=="[0-9a-f]{4}", ){1,2}GROUP="dialout", /);
      expect(line).toContain('ENV{ID_MM_PORT_IGNORE}="1"');
    }
    const { file, rules } = (await galet(['doctor', '--udev', '--json'])).json();
    expect(file).toBe('/etc/udev/rules.d/70-galet.rules');
    expect(rules).toBe(stdout);
  });
});

const missing = whyNoAir();
if (missing) console.log(`skipped: ${missing}`);

describe.skipIf(missing)('galet doctor with a controller at a port', () => {
  let air: EmulatedAir;
  let adapter: Adapter;
  const heard: string[] = [];

  beforeAll(async () => {
    air = await startAir();
    adapter = await plugAdapter(air, {
      onPacket: (direction, packet) => heard.push(`${direction} ${packet.toString('hex')}`),
    });
  });
  afterAll(async () => {
    adapter?.close();
    await air?.close();
  });

  it('asks it HCI Reset and nothing else, and hears the answer', async () => {
    for (const options of [
      { args: ['--adapter', adapter.path], env: {} },
      { args: ['--adapter', `${adapter.path}@115200`], env: {} },
      { args: [], env: { GALET_ADAPTER: adapter.path } },
    ]) {
      heard.length = 0;
      const ran = await galet(['doctor', '--token', '--json', ...options.args], { env: options.env });
      expect(found(ran, 'uart')).toMatchObject([
        { state: 'ok', sentence: `A Bluetooth controller answers at ${adapter.path}.` },
      ]);
      expect(heard).toEqual(['controller 01030c00', expect.stringMatching(/^host 040e04..030c00$/)]);
    }
  });

  it('says when another command has it', async () => {
    const carrier = await openSerial(adapter.path);
    const ran = await galet(['doctor', '--adapter', adapter.path, '--json']);
    await carrier.close();
    expect(found(ran, 'uart')).toMatchObject([{ state: 'to-do', finding: expect.stringMatching(/^port(Held|Busy)$/) }]);
    expect([120, 122]).toContain(ran.code);
  });

  it('says when what is there is no controller', async () => {
    const pty = openPty();
    const ran = await galet(['doctor', '--adapter', pty.path, '--json']);
    pty.close();
    expect(found(ran, 'uart')).toMatchObject([{ state: 'to-do', finding: 'uartSilent' }]);
  });
});

describe('the kernel’s controllers', () => {
  it.runIf(isLinux)('are a list, or there is a reason in the system’s words', async () => {
    const answer = await thisSystem()
      .controllers()
      .catch((error: Error) => error.message);
    if (typeof answer === 'string') expect(answer).toMatch(/^Address family not supported by protocol$/);
    else for (const controller of answer) expect(Object.keys(controller)).toEqual(['id', 'isUp']);
  });
});

describe('a module that does not load', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'galet-module-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['throws', 'throw new Error("wrong ELF class");', /^wrong ELF class$/],
    ['ends its process', 'process.kill(process.pid, "SIGILL");', /^SIGILL$/],
  ])('because it %s is named with the reason', async (_what, source, reason) => {
    const file = join(folder, `${source.length}.mjs`);
    writeFileSync(file, source);
    await expect(thisSystem().load(file)).rejects.toThrow(reason);
  });
});
