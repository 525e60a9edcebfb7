/** `galet token list`: the tokens at this counter, by cable and on the air. */
import { type Command, Option } from 'commander';
import { describeCommand, jsonOption, option, quietOption } from '../describe.js';
import { type AirFlags, adapterOption, colourKey, seekOption } from '../place-flags.js';
import { listLines } from '../say-list.js';
import { tokenJson } from '../say-token.js';
import { stoppable } from '../stoppable.js';
import type { Terminal } from '../terminal.js';

/** Long enough for several people to press their buttons. */
const LOOK_AROUND_SECONDS = 10;

interface ListFlags extends AirFlags {
  wait: number;
  ble?: boolean;
  usb?: boolean;
}

async function list(terminal: Terminal, ports: string[], flags: ListFlags): Promise<void> {
  const { Listing } = await import('../listing.js');
  const listing = new Listing(terminal, flags);
  // Who names ports means them; who says nothing means all there is.
  const isAirMeant = flags.ble === true || (flags.usb !== true && ports.length === 0);
  const isUsbMeant = flags.usb === true || (flags.ble !== true && ports.length === 0);
  const air = flags.ble === true ? 'needed' : isAirMeant ? 'welcome' : 'unwanted';
  try {
    const listed = await stoppable(terminal.world, listing.make({ ports, isUsbMeant, air, seconds: flags.wait }));
    terminal.result(
      listLines(terminal, listed),
      listed.map(({ port, colour, rssi, hello }) => ({
        ...(port === undefined ? { place: 'air' } : { place: 'port', port }),
        colour: colour === undefined ? null : colourKey(colour),
        rssi: rssi ?? null,
        ...tokenJson(hello),
      })),
    );
  } finally {
    await listing.close();
  }
}

export function addTokenList(token: Command, terminal: Terminal): void {
  describeCommand(token.command('list'), terminal, 'token list')
    .argument('[ports...]', option(terminal, 'listPorts'))
    .addOption(new Option('--ble', option(terminal, 'listBle')))
    .addOption(new Option('--usb', option(terminal, 'listUsb')))
    .addOption(adapterOption(terminal))
    .addOption(seekOption(terminal, LOOK_AROUND_SECONDS))
    .addOption(quietOption(terminal))
    .addOption(jsonOption(terminal))
    .action((ports: string[], flags: ListFlags) => list(terminal, ports, flags));
}
