/** Computers with anything wrong: a folder for /sys, /proc, /dev and /etc, and answers for the rest. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fill, type Language } from '../../host/catalogue/catalogue.js';
import { doctorSentences } from '../../host/catalogue/doctor.js';
import type { Finding } from '../../host/doctor/findings.js';
import type { System } from '../../host/doctor/system.js';
import { type ErrorCode, GaletError } from '../../host/errors.js';
import type { BytePipe } from '../../host/link/serial.js';

/** Everything that a process may, and a process that may nothing. */
const ALL_RIGHTS = '000001ffffffffff';
export const NO_RIGHTS = '0000000000000000';
const USER = 'marie';

/** A port at which `answer` says what comes back for what was written. */
export function pipe(answer: (written: Uint8Array) => Uint8Array | undefined = () => undefined): BytePipe {
  let receive: (bytes: Uint8Array) => void = () => undefined;
  return {
    name: 'pipe',
    write: (bytes) => {
      const back = answer(bytes);
      if (back !== undefined) setImmediate(() => receive(back));
    },
    listen: (onBytes) => {
      receive = onBytes;
    },
    close: async () => undefined,
  };
}

export class Machine implements System {
  readonly root = mkdtempSync(join(tmpdir(), 'galet-doctor-'));
  platform: NodeJS.Platform = 'linux';
  nodeVersion = '22.11.0';
  nodePath = '/usr/bin/node';
  user: { name: string; groups: number[] } = { name: USER, groups: [] };
  installedAt = Date.UTC(2026, 10, 1);
  time = Date.UTC(2026, 10, 23, 8, 30);
  /** Modules that do not load, with what loading says; ports that do not open; ports that answer. */
  readonly brokenModules = new Map<string, string>();
  readonly shutPorts = new Map<string, ErrorCode>();
  readonly pipes = new Map<string, BytePipe>();
  readonly up = new Set<number>();
  hasSockets = true;
  hasKiosk = true;
  /** Ports at USB cables. */
  readonly plugged: string[] = [];
  /** What was opened, as `path@speed`. */
  readonly opened: string[] = [];

  close(): void {
    rmSync(this.root, { recursive: true });
  }

  file(path: string, text = ''): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
    return this;
  }

  link(path: string, target: string): this {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    symlinkSync(target, join(this.root, path));
    return this;
  }

  adapter(id: number, isUp = true): this {
    if (isUp) this.up.add(id);
    return this.file(`/sys/class/bluetooth/hci${id}/uevent`, 'DEVTYPE=host');
  }

  blocked(kind: 'soft' | 'hard', name: string): this {
    const folder = '/sys/class/rfkill/rfkill3';
    this.file(`${folder}/type`, 'bluetooth\n').file(`${folder}/name`, `${name}\n`);
    return this.file(`${folder}/soft`, kind === 'soft' ? '1' : '0').file(`${folder}/hard`, kind === 'hard' ? '1' : '0');
  }

  rights(effective: string): this {
    return this.file(
      '/proc/self/status',
      `Name:\tnode\nCapPrm:\t${effective}\nCapEff:\t${effective}\nCapBnd:\t${ALL_RIGHTS}\n`,
    );
  }

  process(id: number, name: string, open?: string): this {
    this.file(`/proc/${id}/comm`, `${name}\n`);
    return open === undefined ? this : this.link(`/proc/${id}/fd/7`, open);
  }

  /** A port of the group `group`, of which the person is none. */
  port(name: string, mode = 0o660): this {
    this.file(`/dev/${name}`);
    chmodSync(join(this.root, 'dev', name), mode);
    this.plugged.push(`/dev/${name}`);
    return this;
  }

  denied(name: string, group: string, members: string[] = [], mode = 0o660): this {
    this.port(name, mode).shutPorts.set(`/dev/${name}`, 'port-denied');
    const { gid } = statSync(join(this.root, 'dev', name));
    return this.file('/etc/group', `audio:x:99999:\n${group}:x:${gid}:${members.join(',')}\n`);
  }

  busy(name: string): this {
    this.port(name).shutPorts.set(`/dev/${name}`, 'port-busy');
    return this;
  }

  now(): number {
    return this.time;
  }

  async load(module: string): Promise<void> {
    const cause = this.brokenModules.get(module);
    if (cause !== undefined) throw new Error(cause);
  }

  async controllers(): Promise<{ id: number; isUp: boolean }[]> {
    if (!this.hasSockets) throw new Error('Address family not supported by protocol');
    return [0, 1, 2].map((id) => ({ id, isUp: this.up.has(id) }));
  }

  async ports(): Promise<string[]> {
    return this.plugged;
  }

  async openPort(path: string, baudRate: number): Promise<BytePipe> {
    this.opened.push(`${path}@${baudRate}`);
    const isThere = statSync(join(this.root, path), { throwIfNoEntry: false }) !== undefined;
    const code = this.shutPorts.get(path) ?? (isThere ? undefined : 'port-missing');
    if (code !== undefined) throw new GaletError(code, { port: path }, new Error('Input/output error'));
    return this.pipes.get(path) ?? pipe();
  }

  async callKiosk(url: string): Promise<void> {
    if (!this.hasKiosk) throw new GaletError('kiosk-unreachable', { url });
  }
}

/** A computer at which everything works: an adapter, a token at a cable, the counter's service. */
export function healthy(): Machine {
  return new Machine().adapter(0).rights(ALL_RIGHTS).port('ttyACM0').process(1, 'systemd');
}

export function say({ sentence, parameters }: Finding, language: Language = 'en'): string {
  return fill(doctorSentences[sentence][language], parameters);
}
