/** What Galet stands on: Node, native modules, the clock. */
import { type Finding, fine, notNeeded, toDo } from './findings.js';
import type { Question } from './question.js';
import type { System } from './system.js';

const NODE_MAJOR_MIN = 20;

export function checkNode({ nodeVersion: version }: System): Finding {
  return Number.parseInt(version, 10) < NODE_MAJOR_MIN
    ? toDo('node', 'nodeOld', { version })
    : fine('node', 'nodeFine', { version });
}

const BLUETOOTH_MODULE = '@abandonware/bluetooth-hci-socket';
/** Modules with a part compiled for one system, processor and C library. */
const NATIVE_MODULES = ['serialport', 'libsql', '@lydell/node-pty', BLUETOOTH_MODULE];

async function checkModule(system: System, question: Question, module: string): Promise<Finding> {
  // Elsewhere the controller is always at a port, so nothing else than serialport is native.
  const isUsed =
    system.platform === 'linux' ||
    (module === BLUETOOTH_MODULE ? question.adapter?.port !== undefined : module !== '@lydell/node-pty');
  if (!isUsed) return notNeeded('module', 'moduleUnused', { module });
  try {
    await system.load(module);
    return fine('module', 'moduleLoads', { module });
  } catch (error) {
    return toDo('module', 'moduleFails', { module, cause: (error as Error).message });
  }
}

export function checkModules(system: System, question: Question): Promise<Finding[]> {
  return Promise.all(NATIVE_MODULES.map((module) => checkModule(system, question, module)));
}

export function checkClock(system: System): Finding {
  const now = system.now();
  const time = new Date(now).toISOString().slice(0, 16).replace('T', ' ');
  return now < system.installedAt ? toDo('clock', 'clockPast', { time }) : fine('clock', 'clockPlausible', { time });
}
