import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DOCTOR_EXITS } from '../../host/doctor/findings.js';
import { galet } from '../cli/support.js';

const unit = readFileSync('device/boards/linux/galet-token.service', 'utf8');
const page = readFileSync('docs/operations/bluetooth.md', 'utf8');

/** Values of a setting of the unit, in its order. */
const settings = (name: string): string[] =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value as string);

describe('the service that runs a token', () => {
  it('starts a command that exists, with options that it has', async () => {
    const [command = ''] = settings('ExecStart');
    const words = command.split(' ');
    expect(words.slice(1, 4)).toEqual(['/opt/galet/host/cli/galet.js', 'token', 'run']);
    const help = (await galet(['token', 'run', '--help'])).stdout;
    const options = [...words, ...(unit + page).split(/[\s=`]+/)].filter((word) =>
      /^--(ble|flash|docked|tx-gain)$/.test(word),
    );
    expect(new Set(options)).toEqual(new Set(['--ble', '--flash', '--docked', '--tx-gain']));
    for (const name of new Set(options)) expect(help).toContain(`${name} `);
  });

  it('may use raw Bluetooth and its own folder, and has no network', () => {
    const capabilities = ['CAP_NET_RAW CAP_NET_ADMIN'];
    expect(settings('AmbientCapabilities')).toEqual(capabilities);
    expect(settings('CapabilityBoundingSet')).toEqual(capabilities);
    expect(settings('RestrictAddressFamilies')).toEqual(['AF_BLUETOOTH AF_UNIX']);
    expect(settings('ProtectSystem')).toEqual(['strict']);
    expect(settings('NoNewPrivileges')).toEqual(['yes']);
    // Neither can hold: V8 compiles, and Bluetooth sockets exist in the first namespaces only.
    for (const name of ['MemoryDenyWriteExecute', 'PrivateNetwork', 'PrivateUsers']) expect(settings(name)).toEqual([]);
  });

  it('has its button from the socket unit that the page names', () => {
    expect(settings('StandardInput')).toEqual(['fd:galet-token.socket']);
    const socket = readFileSync('device/boards/linux/galet-token.socket', 'utf8');
    const [, pipe] = /^ListenFIFO=(.*)$/m.exec(socket) ?? [];
    expect(page).toContain(`sudo tee ${pipe}`);
  });
});

describe('the page on Bluetooth', () => {
  it('has every exit code of the doctor', () => {
    for (const exit of Object.values(DOCTOR_EXITS)) expect(page).toMatch(new RegExp(`^\\| ${exit} \\|`, 'm'));
  });
});
