/** The computer as the checks see it, so that tests can give them one with any trouble. */
import { execFile } from 'node:child_process';
import { realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { connectKiosk } from '../kiosk/client.js';
import type { BytePipe } from '../link/serial.js';

/** A Bluetooth controller of the kernel: `hci<id>`. */
export interface Controller {
  id: number;
  isUp: boolean;
}

export interface System {
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  /** Node's own path, links followed: `setcap` takes no link. */
  readonly nodePath: string;
  /** The folder that stands for `/`: sys, proc, dev and etc are read below it. */
  readonly root: string;
  /** Who runs this, and the groups (numbers) that the process has. */
  readonly user: { readonly name: string; readonly groups: readonly number[] };
  /** Milliseconds since 1970; the clock cannot be right when it says less than `installedAt`. */
  now(): number;
  readonly installedAt: number;
  /** Loads a module for good, native part included. Throws what loading it throws. */
  load(module: string): Promise<void>;
  /** The kernel's controllers, asked through a Bluetooth socket. Throws when there can be no such socket. */
  controllers(): Promise<Controller[]>;
  /** Paths of the ports at USB cables. Throws what loading the native module throws. */
  ports(): Promise<string[]>;
  /** Errors: `port-missing`, `port-busy`, `port-denied`, `port-failed`. */
  openPort(path: string, baudRate: number): Promise<BytePipe>;
  /** Throws `kiosk-unreachable`. */
  callKiosk(url: string): Promise<void>;
}

/** No computer that can have this installed is earlier, whatever an archive's dates say. */
const EARLIEST = Date.UTC(2026, 0, 1);
const CHILD_MILLISECONDS = 20_000;
const SOCKET_MODULE = '@abandonware/bluetooth-hci-socket';

const execute = promisify(execFile);

/** The line of a failed process that says why. */
function reasonIn(stderr: string): string | undefined {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .find((line) => /^\w*Error\b.*: /.test(line))
    ?.replace(/^Error: /, '');
}

/** Runs a script in a process of its own: a native module that is wrong for a machine can end its process. */
async function runScript(script: string): Promise<string> {
  try {
    const options = { timeout: CHILD_MILLISECONDS, windowsHide: true };
    return (await execute(process.execPath, ['--input-type=module', '--eval', script], options)).stdout;
  } catch (cause) {
    const { stderr = '', signal } = cause as { stderr?: string; signal?: string | null };
    throw new Error(reasonIn(stderr) ?? signal ?? 'no reason given', { cause });
  }
}

const { resolve } = createRequire(import.meta.url);
const addressOf = (module: string): string => JSON.stringify(pathToFileURL(resolve(module)).href);

const listControllers = (): string => `
  const { default: module } = await import(${addressOf(SOCKET_MODULE)});
  const Socket = module.loadDriver('native');
  const list = new Socket().getDeviceList();
  process.stdout.write(JSON.stringify(list.map(({ devId, devUp }) => ({ id: devId, isUp: devUp }))));
  process.exit(0);
`;

/** Users of containers and services may have no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? '');
  }
}

/** The computer that this runs on. */
export function thisSystem(): System {
  return {
    platform: process.platform,
    nodeVersion: process.versions.node,
    nodePath: realpathSync(process.execPath),
    root: '/',
    user: { name: userName(), groups: process.getgroups?.() ?? [] },
    now: Date.now,
    installedAt: Math.max(EARLIEST, statSync(fileURLToPath(import.meta.url)).mtimeMs),
    load: async (module) => {
      await runScript(`await import(${addressOf(module)}); process.exit(0);`);
    },
    controllers: async () => JSON.parse(await runScript(listControllers())) as Controller[],
    // Loaded late: where serialport itself is broken, that has to be said.
    ports: async () => (await import('../link/ports.js')).listPorts(),
    openPort: async (path, baudRate) => (await import('../link/serial.js')).openBytes(path, baudRate),
    callKiosk: async (url) => {
      const kiosk = connectKiosk(url);
      try {
        await kiosk.assertThere();
      } finally {
        kiosk.close();
      }
    },
  };
}
