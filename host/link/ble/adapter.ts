/** Which Bluetooth adapter this process uses: said to noble and bleno before they are loaded, in the way they know. */

type Environment = Record<string, string | undefined>;

const KERNEL_ADAPTER = /^(?:hci)?(\d+)$/;
const WITH_BAUD = /^(.+)@(\d+)$/;
const SET_BY_US = [
  'NOBLE_HCI_DEVICE_ID',
  'BLENO_HCI_DEVICE_ID',
  'BLUETOOTH_HCI_SOCKET_FORCE_UART',
  'BLUETOOTH_HCI_SOCKET_UART_PORT',
  'BLUETOOTH_HCI_SOCKET_UART_BAUDRATE',
] as const;

/** The name that counts: what is given, or else what GALET_ADAPTER says; undefined is the system's first adapter. */
export function adapterName(name?: string, environment: Environment = process.env): string | undefined {
  return name || environment.GALET_ADAPTER || undefined;
}

/** Whether the adapter is an HCI over a serial port, which noble and bleno then speak themselves on every system. */
export function isUart(environment: Environment = process.env): boolean {
  return Boolean(environment.BLUETOOTH_HCI_SOCKET_UART_PORT);
}

/**
 * Sets the environment for noble and bleno, which read it when they are loaded and started.
 *
 * `name`: `hci1` or `1` is that adapter of the system; anything else is a serial port that speaks HCI, with its speed
 * behind an `@` unless it is 1,000,000: `/dev/ttyACM0`, `COM7@115200`. Undefined: GALET_ADAPTER, or the first adapter.
 */
export function useAdapter(name?: string, environment: Environment = process.env): void {
  const wanted = adapterName(name, environment);
  if (wanted === undefined) return;
  for (const variable of SET_BY_US) delete environment[variable];
  const kernel = KERNEL_ADAPTER.exec(wanted)?.[1];
  if (kernel !== undefined) {
    environment.NOBLE_HCI_DEVICE_ID = kernel;
    environment.BLENO_HCI_DEVICE_ID = kernel;
    return;
  }
  const [, port = wanted, baud] = WITH_BAUD.exec(wanted) ?? [];
  environment.BLUETOOTH_HCI_SOCKET_FORCE_UART = '1';
  environment.BLUETOOTH_HCI_SOCKET_UART_PORT = port;
  if (baud !== undefined) environment.BLUETOOTH_HCI_SOCKET_UART_BAUDRATE = baud;
}
