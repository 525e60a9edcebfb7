/** What the person wants to know of the computer. */

import { adapterName, useAdapter } from '../link/ble/adapter.js';

/** The adapter that she named: one of the kernel's, or a port at which a controller speaks HCI. */
export interface NamedAdapter {
  readonly hci?: number;
  readonly port?: string;
  readonly baudRate?: number;
}

/** The adapter that everything else of Galet would use, by that name or by the environment. */
export function readAdapter(
  name: string | undefined,
  environment: Record<string, string | undefined>,
): NamedAdapter | undefined {
  const wanted = adapterName(name, environment);
  if (wanted === undefined) return undefined;
  const settings: Record<string, string | undefined> = {};
  useAdapter(wanted, settings);
  const {
    NOBLE_HCI_DEVICE_ID: hci,
    BLUETOOTH_HCI_SOCKET_UART_PORT: port,
    BLUETOOTH_HCI_SOCKET_UART_BAUDRATE: baudRate,
  } = settings;
  return {
    ...(hci !== undefined && { hci: Number(hci) }),
    ...(port !== undefined && { port }),
    ...(baudRate !== undefined && { baudRate: Number(baudRate) }),
  };
}

export interface Question {
  readonly adapter?: NamedAdapter;
  /** Whether a token shall run here over Bluetooth, not only a counter. */
  readonly isToken: boolean;
  /** A port to look at, whatever its name. */
  readonly port?: string;
  /** Address of the counter's service. */
  readonly kiosk: string;
}

/** Whether it is trouble that there is no Bluetooth. */
export function wantsBluetooth({ adapter, isToken }: Question): boolean {
  return isToken || adapter !== undefined;
}
