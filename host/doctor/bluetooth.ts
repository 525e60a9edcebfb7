/** Bluetooth: the kernel's adapters with all that can be in their way, or a controller at a port. */
import { isRunning, namesIn, textOf } from './files.js';
import { type Finding, fine, notNeeded, toDo } from './findings.js';
import { portTrouble } from './ports.js';
import { type NamedAdapter, type Question, wantsBluetooth } from './question.js';
import { askReset } from './reset.js';
import type { System } from './system.js';

/** Speed of an HCI over UART where none is named. */
const HCI_BAUD_RATE = 1_000_000;

/** Bits of the capabilities in /proc/self/status: CAP_NET_ADMIN and CAP_NET_RAW. */
const CAPABILITIES = (1n << 12n) | (1n << 13n);

function checkSwitches(system: System): Finding {
  const switches = namesIn(system, '/sys/class/rfkill')
    .map((name) => `/sys/class/rfkill/${name}`)
    .filter((path) => textOf(system, `${path}/type`) === 'bluetooth');
  const blocked = (kind: 'hard' | 'soft') => switches.find((path) => textOf(system, `${path}/${kind}`) === '1');
  for (const kind of ['hard', 'soft'] as const) {
    const path = blocked(kind);
    const name = path === undefined ? '' : textOf(system, `${path}/name`) || path;
    if (path !== undefined) return toDo('rfkill', kind === 'hard' ? 'rfkillHard' : 'rfkillSoft', { name });
  }
  return switches.length === 0 ? notNeeded('rfkill', 'rfkillNone') : fine('rfkill', 'rfkillFree');
}

/** One adapter that is on is enough: the first such is used where none is named. */
async function checkPower(system: System, adapters: readonly string[]): Promise<Finding[]> {
  try {
    const on = (await system.controllers()).filter(({ isUp }) => isUp).map(({ id }) => `hci${id}`);
    const off = adapters.some((adapter) => on.includes(adapter)) ? notNeeded : toDo;
    return adapters.map((adapter) => {
      if (on.includes(adapter)) return fine('power', 'powerOn', { adapter });
      return off('power', off === toDo ? 'powerOff' : 'powerSpare', { adapter });
    });
  } catch (error) {
    return [toDo('power', 'socketsRefused', { cause: (error as Error).message })];
  }
}

function checkRights(system: System): Finding {
  const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf(system, '/proc/self/status')) ?? [];
  const isAllowed = (BigInt(`0x${effective}`) & CAPABILITIES) === CAPABILITIES;
  return isAllowed ? fine('rights', 'rightsThere') : toDo('rights', 'rightsMissing', { node: system.nodePath });
}

function checkDaemon(system: System, { isToken }: Question): Finding {
  if (!isRunning(system, 'bluetoothd')) return fine('bluetoothd', 'bluetoothdAbsent');
  return isToken ? toDo('bluetoothd', 'bluetoothdInTheWay') : fine('bluetoothd', 'bluetoothdNoMatter');
}

/** What is in the way of the kernel's adapters does not matter where none is used. */
const UNUSED: readonly Finding[] = [
  notNeeded('power', 'powerNothing'),
  notNeeded('rights', 'rightsNothing'),
  notNeeded('bluetoothd', 'bluetoothdNothing'),
];

async function checkKernel(system: System, question: Question): Promise<Finding[]> {
  const all = namesIn(system, '/sys/class/bluetooth').filter((name) => /^hci\d+$/.test(name));
  const wanted = question.adapter?.hci === undefined ? undefined : `hci${question.adapter.hci}`;
  const adapters = wanted === undefined ? all : all.filter((name) => name === wanted);
  if (adapters.length > 0) {
    return [
      ...adapters.map((adapter) => fine('adapter', 'adapterThere', { adapter })),
      checkSwitches(system),
      ...(await checkPower(system, adapters)),
      checkRights(system),
      checkDaemon(system, question),
    ];
  }
  const missing = wantsBluetooth(question) ? toDo('adapter', 'adapterMissing') : notNeeded('adapter', 'adapterNone');
  const other = toDo('adapter', 'adapterOther', { adapter: wanted ?? '', there: all.join(', ') });
  // A switch can take an adapter off its bus altogether.
  return [all.length > 0 ? other : missing, checkSwitches(system), ...UNUSED];
}

async function checkUart(system: System, { port = '', baudRate = HCI_BAUD_RATE }: NamedAdapter): Promise<Finding> {
  try {
    const answer = await askReset(await system.openPort(port, baudRate));
    if (answer === 'done') return fine('uart', 'uartAnswers', { port });
    return toDo('uart', answer === 'silent' ? 'uartSilent' : 'uartRefuses', { port, baudRate });
  } catch (error) {
    return portTrouble(system, 'uart', port, error);
  }
}

export async function checkBluetooth(system: System, question: Question): Promise<Finding[]> {
  const { adapter } = question;
  if (adapter?.port !== undefined) {
    return [notNeeded('adapter', 'adapterAtPort'), ...UNUSED, await checkUart(system, adapter)];
  }
  if (system.platform === 'linux') return checkKernel(system, question);
  return [wantsBluetooth(question) ? toDo('adapter', 'portNeeded') : notNeeded('adapter', 'portWouldDo'), ...UNUSED];
}
