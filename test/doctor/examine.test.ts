import { afterEach, describe, expect, it } from 'vitest';
import { doctorSentences, doctorSummary, stateWords } from '../../host/catalogue/doctor.js';
import { examine } from '../../host/doctor/examine.js';
import { DOCTOR_EXITS, exitOf, type Finding } from '../../host/doctor/findings.js';
import { type Question, readAdapter } from '../../host/doctor/question.js';
import { healthy, Machine, NO_RIGHTS, pipe, say } from './support.js';

const COUNTER: Question = { isToken: false, kiosk: 'http://127.0.0.1:8471' };
const TOKEN: Question = { ...COUNTER, isToken: true };
const DONGLE: Question = { ...COUNTER, adapter: { port: '/dev/ttyACM1', baudRate: 115_200 } };

const BY_ID = '/dev/serial/by-id/usb-Galet';

const RESET = [1, 3, 12, 0];
const answering = (...bytes: number[]) =>
  pipe((written) => (String(written) === String(RESET) ? Uint8Array.of(...bytes) : undefined));

const machines: Machine[] = [];
afterEach(() => {
  for (const machine of machines.splice(0)) machine.close();
});

async function lookAt(machine: Machine, question: Question = COUNTER): Promise<Finding[]> {
  machines.push(machine);
  return examine(machine, question);
}

const toDo = (findings: Finding[]): string[] => findings.filter(({ state }) => state === 'to-do').map((it) => say(it));
const remarks = (findings: Finding[]): string[] =>
  findings.filter(({ state }) => state === 'not-needed').map((it) => say(it));

describe('a computer at which everything works', () => {
  it('has nothing to do', async () => {
    const findings = await lookAt(healthy());
    expect(toDo(findings)).toEqual([]);
    expect(exitOf(findings)).toBe(0);
    expect(findings.filter(({ state }) => state === 'ok').map((it) => say(it))).toEqual([
      'Node 22.11.0 is recent enough.',
      'The module serialport loads.',
      'The module libsql loads.',
      'The module @lydell/node-pty loads.',
      'The module @abandonware/bluetooth-hci-socket loads.',
      'The clock says 2026-11-23 08:30 UTC, which can be right.',
      'There is a Bluetooth adapter, hci0.',
      'The adapter hci0 is on.',
      'Node may use Bluetooth adapters.',
      'bluetoothd is not running.',
      'The port /dev/ttyACM0 can be used.',
      'ModemManager is not running.',
      'The counter’s service answers at http://127.0.0.1:8471.',
    ]);
  });

  it('may have no Bluetooth, no token there and no kiosk yet: remarks, and exit code 0', async () => {
    const machine = new Machine().rights(NO_RIGHTS);
    machine.hasSockets = false;
    machine.hasKiosk = false;
    const findings = await lookAt(machine);
    expect(exitOf(findings)).toBe(0);
    expect(remarks(findings)).toEqual([
      expect.stringMatching(/^There is no Bluetooth adapter; tokens are served at a cable/),
      'There is no Bluetooth switch to look at.',
      'There is no adapter of this system to switch on.',
      'No right to an adapter is needed.',
      'bluetoothd is in nobody’s way.',
      'No token is at a USB cable right now.',
      expect.stringMatching(/^No counter’s service answers at http:\/\/127\.0\.0\.1:8471; for visits/),
    ]);
  });
});

interface Trouble {
  what: string;
  machine: () => Machine;
  question?: Question;
  sentence: string;
  exit: number;
}

const { installation, bluetooth, serial } = DOCTOR_EXITS;
const made = (change: (machine: Machine) => unknown) => (): Machine => {
  const machine = healthy();
  change(machine);
  return machine;
};

const TROUBLES: Trouble[] = [
  {
    what: 'Node is too old',
    machine: made((it) => Object.assign(it, { nodeVersion: '18.20.4' })),
    sentence: 'Node 18.20.4 is too old: install Node 20 or later.',
    exit: installation,
  },
  {
    what: 'a native module is for another computer',
    machine: made((it) => it.brokenModules.set('libsql', 'Error: wrong ELF class')),
    sentence:
      'The module libsql does not load (Error: wrong ELF class): run “npm ci” in Galet’s folder, on this computer and with this Node.',
    exit: installation,
  },
  {
    what: 'the clock was lost with the power',
    machine: made((it) => Object.assign(it, { time: Date.UTC(1970, 0, 1, 0, 2) })),
    sentence:
      'The clock says 1970-01-01 00:02 UTC, before Galet was installed: set it (on Linux “sudo timedatectl set-ntp true”).',
    exit: installation,
  },
  {
    what: 'a token shall run, and there is no adapter',
    machine: () => new Machine().port('ttyACM0'),
    question: TOKEN,
    sentence:
      'There is no Bluetooth adapter: plug in a Bluetooth dongle, switch on the one inside, or name a controller’s port with --adapter.',
    exit: bluetooth,
  },
  {
    what: 'another adapter is there than the one that was named',
    machine: made((it) => it.adapter(1)),
    question: { ...COUNTER, adapter: { hci: 2 } },
    sentence: 'There is no adapter hci2, but hci0, hci1: name that one with --adapter.',
    exit: bluetooth,
  },
  {
    what: 'software has switched Bluetooth off',
    machine: made((it) => it.blocked('soft', 'hci0')),
    sentence: 'Bluetooth is switched off by software (hci0): run “sudo rfkill unblock bluetooth”.',
    exit: bluetooth,
  },
  {
    what: 'a switch has taken the adapter off its bus',
    machine: () => new Machine().blocked('hard', 'tpacpi_bluetooth_sw'),
    sentence:
      'Bluetooth is switched off by a switch or a key of this computer (tpacpi_bluetooth_sw): switch it on there.',
    exit: bluetooth,
  },
  {
    what: 'the adapter is off',
    machine: made((it) => it.up.clear()),
    sentence: 'The adapter hci0 is off: run “sudo hciconfig hci0 up”.',
    exit: bluetooth,
  },
  {
    what: 'the one adapter that was named is off',
    machine: made((it) => it.adapter(1, false)),
    question: { ...COUNTER, adapter: { hci: 1 } },
    sentence: 'The adapter hci1 is off: run “sudo hciconfig hci1 up”.',
    exit: bluetooth,
  },
  {
    what: 'it is a container that sees the adapter and may not reach it',
    machine: made((it) => Object.assign(it, { hasSockets: false })),
    sentence:
      'There are no Bluetooth sockets here (Address family not supported by protocol): outside the container, or with a controller at a port (--adapter), there are.',
    exit: bluetooth,
  },
  {
    what: 'Node has no right to raw Bluetooth',
    machine: made((it) => it.rights(NO_RIGHTS)),
    sentence: 'Node may not use Bluetooth adapters: run “sudo setcap cap_net_raw,cap_net_admin+eip /usr/bin/node”.',
    exit: bluetooth,
  },
  {
    what: 'Node has one right of the two',
    machine: made((it) => it.rights('0000000000002000')),
    sentence: 'Node may not use Bluetooth adapters: run “sudo setcap cap_net_raw,cap_net_admin+eip /usr/bin/node”.',
    exit: bluetooth,
  },
  {
    what: 'bluetoothd would answer instead of the token',
    machine: made((it) => it.process(612, 'bluetoothd')),
    question: TOKEN,
    sentence:
      'bluetoothd answers those who connect, instead of the token: run “sudo systemctl disable --now bluetooth”.',
    exit: bluetooth,
  },
  {
    what: 'nothing at the adapter’s port speaks HCI',
    machine: made((it) => it.port('ttyACM1')),
    question: DONGLE,
    sentence:
      'Nothing at /dev/ttyACM1 answers HCI Reset at 115200 baud: check that it has the hci_uart firmware, and its speed (--adapter /dev/ttyACM1@115200).',
    exit: bluetooth,
  },
  {
    what: 'the controller refuses',
    machine: made((it) => it.port('ttyACM1').pipes.set('/dev/ttyACM1', answering(4, 14, 4, 1, 3, 12, 3))),
    question: DONGLE,
    sentence: 'The controller at /dev/ttyACM1 refuses HCI Reset: unplug it and plug it in again.',
    exit: bluetooth,
  },
  {
    what: 'the controller is unplugged',
    machine: healthy,
    question: DONGLE,
    sentence: 'There is no port /dev/ttyACM1: plug in what belongs there, or look for its name.',
    exit: bluetooth,
  },
  {
    what: 'a system without Bluetooth sockets shall run a token',
    machine: made((it) => Object.assign(it, { platform: 'win32' })),
    question: TOKEN,
    sentence:
      'On this system Galet has Bluetooth only through a controller with HCI over UART: plug one in, and name its port with --adapter.',
    exit: bluetooth,
  },
  {
    what: 'the person is not in the ports’ group',
    machine: made((it) => it.denied('ttyUSB0', 'dialout')),
    sentence: 'You may not use the port /dev/ttyUSB0: run “sudo usermod -aG dialout marie”, then log out and in again.',
    exit: serial,
  },
  {
    what: 'the group has another name on this system',
    machine: made((it) => it.denied('ttyUSB0', 'uucp')),
    sentence: 'You may not use the port /dev/ttyUSB0: run “sudo usermod -aG uucp marie”, then log out and in again.',
    exit: serial,
  },
  {
    what: 'she is in the group since she logged in',
    machine: made((it) => it.denied('ttyUSB0', 'dialout', ['paul', 'marie'])),
    sentence: 'You may not use the port /dev/ttyUSB0 yet, but marie is in the group dialout: log out and in again.',
    exit: serial,
  },
  {
    what: 'no group may use the port',
    machine: made((it) => it.denied('ttyACM1', 'dialout', [], 0o600)),
    sentence: 'You may not use the port /dev/ttyACM1, and no group may: save what “galet doctor --udev” prints.',
    exit: serial,
  },
  {
    what: 'a terminal program has the port',
    machine: made((it) => it.busy('ttyACM1').process(4711, 'minicom', '/dev/ttyACM1')),
    sentence: 'minicom (process 4711) has the port /dev/ttyACM1: end it, or wait until it has done.',
    exit: serial,
  },
  {
    what: 'a terminal program has the port, which was named by a link',
    machine: made((it) => {
      it.port('ttyACM1').link(BY_ID, '../../ttyACM1').process(4711, 'screen', '/dev/ttyACM1');
      it.shutPorts.set(BY_ID, 'port-busy');
    }),
    question: { ...COUNTER, port: BY_ID },
    sentence: 'screen (process 4711) has the port /dev/serial/by-id/usb-Galet: end it, or wait until it has done.',
    exit: serial,
  },
  {
    what: 'a process of somebody else has the port',
    machine: made((it) => it.busy('ttyACM1')),
    sentence: 'Another process has the port /dev/ttyACM1: end it (“sudo fuser -v /dev/ttyACM1” names it).',
    exit: serial,
  },
  {
    what: 'a port does not open',
    machine: made((it) => it.port('ttyUSB0').shutPorts.set('/dev/ttyUSB0', 'port-failed')),
    sentence: 'The port /dev/ttyUSB0 does not open (Input/output error): unplug what is there, and plug it in again.',
    exit: serial,
  },
  {
    what: 'the port that was named is not there',
    machine: healthy,
    question: { ...COUNTER, port: '/dev/ttyAMA0' },
    sentence: 'There is no port /dev/ttyAMA0: plug in what belongs there, or look for its name.',
    exit: serial,
  },
  {
    what: 'ModemManager takes ports',
    machine: made((it) => it.process(700, 'ModemManager')),
    sentence:
      'ModemManager takes each new port for a while: save what “galet doctor --udev” prints, or run “sudo systemctl disable --now ModemManager”.',
    exit: serial,
  },
];

describe('what is wrong, and what to do', () => {
  it.each(TROUBLES)('$what', async ({ machine, question, sentence, exit }) => {
    const findings = await lookAt(machine(), question);
    expect(toDo(findings)).toEqual([sentence]);
    expect(exitOf(findings)).toBe(exit);
  });

  it('is told of each thing, with an exit code of its own when parts of different kinds are wrong', async () => {
    const machine = healthy().blocked('soft', 'hci0').process(700, 'ModemManager');
    machine.up.clear();
    const findings = await lookAt(machine);
    expect(toDo(findings)).toHaveLength(3);
    expect(exitOf(findings)).toBe(DOCTOR_EXITS.several);
  });
});

describe('what is not wrong', () => {
  it('is bluetoothd at a counter', async () => {
    const findings = await lookAt(healthy().process(612, 'bluetoothd'));
    expect(toDo(findings)).toEqual([]);
    expect(findings.find(({ check }) => check === 'bluetoothd')).toMatchObject({ state: 'ok' });
  });

  it('is a second adapter that is off', async () => {
    const findings = await lookAt(healthy().adapter(1, false));
    expect(toDo(findings)).toEqual([]);
    expect(remarks(findings)).toContain('The adapter hci1 is off; another one is on.');
  });

  it('is a switch of another radio', async () => {
    const machine = healthy()
      .file('/sys/class/rfkill/rfkill0/type', 'wlan')
      .file('/sys/class/rfkill/rfkill0/soft', '1');
    expect(toDo(await lookAt(machine))).toEqual([]);
  });

  it('is ModemManager that was told to keep away, or has no port to take', async () => {
    const told = healthy().process(700, 'ModemManager');
    told.file('/etc/udev/rules.d/70-galet.rules', 'SUBSYSTEM=="tty", ENV{ID_MM_PORT_IGNORE}="1"');
    expect(toDo(await lookAt(told))).toEqual([]);
    expect(toDo(await lookAt(new Machine().process(700, 'ModemManager')))).toEqual([]);
  });

  it('is a controller at a port that answers, at whatever speed it has, and is no token’s port', async () => {
    const machine = healthy().port('ttyACM1').rights(NO_RIGHTS);
    // What came before, and half an answer, are no hindrance.
    machine.pipes.set('/dev/ttyACM1', answering(0xff, 4, 14, 4, 14, 4, 1, 3, 12, 0));
    const findings = await lookAt(machine, DONGLE);
    expect(toDo(findings)).toEqual([]);
    expect(findings.map((it) => say(it))).toContain('A Bluetooth controller answers at /dev/ttyACM1.');
    expect(machine.opened).toEqual(['/dev/ttyACM1@115200', '/dev/ttyACM0@115200']);
  });

  it.each(['darwin', 'win32'] as const)('is all that %s does not have', async (platform) => {
    const machine = healthy().process(612, 'bluetoothd').process(700, 'ModemManager').blocked('soft', 'x');
    machine.brokenModules.set('@lydell/node-pty', 'none').set('@abandonware/bluetooth-hci-socket', 'none');
    machine.platform = platform;
    const findings = await lookAt(machine);
    expect(toDo(findings)).toEqual([]);
    expect(remarks(findings)).toContain('This system has no ModemManager.');
  });
});

describe('a computer on which ports cannot even be listed', () => {
  it('is told that the module is broken, not more', async () => {
    const machine = healthy();
    machine.brokenModules.set('serialport', 'Error: wrong ELF class');
    machine.ports = () => Promise.reject(new Error('wrong ELF class'));
    const findings = await lookAt(machine);
    expect(toDo(findings)).toEqual([expect.stringMatching(/^The module serialport does not load/)]);
    expect(exitOf(findings)).toBe(installation);
  });
});

describe('the adapter that is looked at', () => {
  it.each([
    ['hci1', { hci: 1 }],
    ['1', { hci: 1 }],
    ['/dev/ttyACM0', { port: '/dev/ttyACM0' }],
    ['COM7@115200', { port: 'COM7', baudRate: 115_200 }],
  ])('is for “%s” the one that everything else would use', (name, adapter) => {
    expect(readAdapter(name, {})).toEqual(adapter);
    expect(readAdapter(undefined, { GALET_ADAPTER: name })).toEqual(adapter);
  });

  it('is none when nobody names one', () => {
    expect(readAdapter(undefined, {})).toBeUndefined();
  });
});

describe('every sentence', () => {
  const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
  const ALIKE = ['ok'];

  it.each(
    Object.entries({ ...doctorSentences, ...stateWords, ...doctorSummary }),
  )('%s exists in French and English, with the same placeholders', (key, { en, fr }) => {
    expect(placeholders(fr)).toEqual(placeholders(en));
    if (!ALIKE.includes(key)) expect(fr).not.toBe(en);
    expect(`${en}${fr}`).not.toMatch(/'/);
    expect(fr).not.toMatch(/[^\s\d][:;!?](\s|$)/);
  });
});
