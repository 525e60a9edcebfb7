import { describe, expect, it } from 'vitest';
import { adapterName, isUart, useAdapter } from '../../../../host/link/ble/adapter.js';

function set(name: string | undefined, environment: Record<string, string | undefined> = {}) {
  useAdapter(name, environment);
  return environment;
}

describe('the adapter of a process', () => {
  it.each(['hci2', '2'])('is one of the system’s: %s', (name) => {
    expect(set(name)).toEqual({ NOBLE_HCI_DEVICE_ID: '2', BLENO_HCI_DEVICE_ID: '2' });
  });

  it.each([
    ['/dev/ttyACM0', '/dev/ttyACM0', undefined],
    ['/dev/ttyACM0@115200', '/dev/ttyACM0', '115200'],
    ['COM7@1000000', 'COM7', '1000000'],
    ['/dev/serial/by-id/usb-a@b', '/dev/serial/by-id/usb-a@b', undefined],
  ])('is an HCI over a serial port: %s', (name, port, baud) => {
    const environment = set(name);
    expect(environment.BLUETOOTH_HCI_SOCKET_UART_PORT).toBe(port);
    expect(environment.BLUETOOTH_HCI_SOCKET_FORCE_UART).toBe('1');
    expect(environment.BLUETOOTH_HCI_SOCKET_UART_BAUDRATE).toBe(baud);
    expect(isUart(environment)).toBe(true);
  });

  it('is the first one of the system when nothing is said, and whatever noble and bleno were told stays', () => {
    expect(set(undefined)).toEqual({});
    expect(set(undefined, { NOBLE_HCI_DEVICE_ID: '3' })).toEqual({ NOBLE_HCI_DEVICE_ID: '3' });
    expect(isUart({})).toBe(false);
  });

  it('is GALET_ADAPTER’s unless another is named', () => {
    const environment = { GALET_ADAPTER: 'hci4' };
    expect(adapterName(undefined, environment)).toBe('hci4');
    expect(adapterName('hci1', environment)).toBe('hci1');
    expect(set(undefined, { ...environment })).toMatchObject({ NOBLE_HCI_DEVICE_ID: '4' });
  });

  it('replaces the one before', () => {
    const environment = set('/dev/ttyACM0@115200');
    expect(set('hci0', environment)).toEqual({ NOBLE_HCI_DEVICE_ID: '0', BLENO_HCI_DEVICE_ID: '0' });
  });
});
