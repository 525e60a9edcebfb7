/** Serial ports at which tokens are: there, allowed, free. */
import { GaletError } from '../errors.js';
import { deviceAt, groupNamed, groupOf, holderOf, isForGroup, isRunning, namesIn, textOf } from './files.js';
import { type Check, type Finding, fine, notNeeded, toDo } from './findings.js';
import type { Question } from './question.js';
import type { System } from './system.js';

const BAUD_RATE = 115_200;

const RULES_FOLDER = '/etc/udev/rules.d';

function checkDenied(system: System, check: Check, port: string): Finding {
  const device = deviceAt(system, port);
  const number = groupOf(system, device);
  const group = number === undefined ? undefined : groupNamed(system, number);
  const { name: user, groups } = system.user;
  const isOffered = group !== undefined && group.name !== 'root' && isForGroup(system, device);
  if (number === undefined || !isOffered || groups.includes(number)) return toDo(check, 'portForNobody', { port });
  const parameters = { port, group: group.name, user };
  return group.members.includes(user)
    ? toDo(check, 'portNextSession', parameters)
    : toDo(check, 'portDenied', parameters);
}

/** Why a port does not open, and what to do. */
export function portTrouble(system: System, check: Check, port: string, error: unknown): Finding {
  const code = error instanceof GaletError ? error.code : 'internal';
  if (code === 'port-missing') return toDo(check, 'portMissing', { port });
  if (code === 'port-denied') return checkDenied(system, check, port);
  if (code === 'port-busy') {
    const holder = holderOf(system, port);
    if (holder === undefined) return toDo(check, 'portBusy', { port });
    return toDo(check, 'portHeld', { port, holder: holder.name, process: holder.id });
  }
  const { message } = ((error as Error).cause ?? error) as Error;
  return toDo(check, 'portFailed', { port, cause: message });
}

async function checkPort(system: System, port: string): Promise<Finding> {
  try {
    const pipe = await system.openPort(port, BAUD_RATE);
    await pipe.close();
    return fine('port', 'portReady', { port });
  } catch (error) {
    return portTrouble(system, 'port', port, error);
  }
}

/** Every port at a USB cable but the one at which a Bluetooth controller is, and the port that was named. */
async function portsOf(system: System, { adapter, port }: Question): Promise<string[]> {
  const controller = adapter?.port === undefined ? undefined : deviceAt(system, adapter.port);
  // Where ports cannot be listed, a module is broken, and that has been said.
  const atCables = await system.ports().catch(() => []);
  const others = atCables.filter((path) => path !== controller && path !== port);
  return port === undefined ? others : [port, ...others];
}

function checkModemManager(system: System, ports: readonly string[]): Finding {
  if (system.platform !== 'linux') return notNeeded('modem-manager', 'modemManagerElsewhere');
  if (!isRunning(system, 'ModemManager')) return fine('modem-manager', 'modemManagerAbsent');
  const isKeptAway = namesIn(system, RULES_FOLDER).some(
    (name) => name.includes('galet') && textOf(system, `${RULES_FOLDER}/${name}`).includes('ID_MM_PORT_IGNORE'),
  );
  if (isKeptAway) return fine('modem-manager', 'modemManagerKeptAway');
  const hasPort = ports.some((port) => /ttyACM\d+$/.test(port));
  return hasPort ? toDo('modem-manager', 'modemManagerInTheWay') : notNeeded('modem-manager', 'modemManagerNoPort');
}

export async function checkPorts(system: System, question: Question): Promise<Finding[]> {
  const ports = await portsOf(system, question);
  const findings: Finding[] = [];
  for (const port of ports) findings.push(await checkPort(system, port));
  if (ports.length === 0) findings.push(notNeeded('port', 'portNone'));
  return [...findings, checkModemManager(system, ports)];
}
