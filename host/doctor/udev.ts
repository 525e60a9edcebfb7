/** The udev rules that let people use tokens and Bluetooth controllers at a cable, and keep ModemManager away. */

export const UDEV_FILE = '/etc/udev/rules.d/70-galet.rules';

/** What tokens and controllers are to USB: vendor, product (any when undefined), and what that is. */
const DEVICES: readonly { vendor: string; product?: string; what: string }[] = [
  { vendor: '0483', product: '5740', what: 'Espruino boards with an STM32' },
  {
    vendor: '1915',
    what: 'Nordic Semiconductor: boards with an nRF52840, and its dongle while its firmware is written',
  },
  { vendor: '2fe3', what: 'Zephyr: an nRF52840 dongle with the hci_uart firmware' },
  { vendor: '0403', what: 'FTDI serial adapters' },
  { vendor: '10c4', product: 'ea60', what: 'CP210x serial adapters' },
  { vendor: '1a86', what: 'CH340 serial adapters' },
];

const SETTINGS = 'GROUP="dialout", MODE="0660", TAG+="uaccess", ENV{ID_MM_PORT_IGNORE}="1"';

/** The file's text. 70: before systemd's 73-seat-late.rules, which act on the tag `uaccess`. */
export function udevRules(): string {
  const rules = DEVICES.flatMap(({ vendor, product, what }) => [
    `# ${what}`,
    [
      'SUBSYSTEM=="tty"',
      `ATTRS{idVendor}=="${vendor}"`,
      ...(product === undefined ? [] : [`ATTRS{idProduct}=="${product}"`]),
      SETTINGS,
    ].join(', '),
  ]);
  return [
    '# Galet: tokens, and Bluetooth controllers with HCI over UART, at a USB cable. For the group dialout, and for',
    '# whoever sits at this computer; ModemManager keeps its hands off.',
    `# Save as ${UDEV_FILE}, then: sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=tty`,
    ...rules,
    '',
  ].join('\n');
}
