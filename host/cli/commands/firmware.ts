/** `galet firmware`: release keys, what they sign, and what is published. One file for each group of its commands. */
import type { Command } from 'commander';
import { describeCommand } from '../describe.js';
import type { Terminal } from '../terminal.js';
import { addFirmwareCheck } from './firmware-check.js';
import { addFirmwareFleet } from './firmware-fleet.js';
import { addFirmwareInstall } from './firmware-install.js';
import { addFirmwareKey } from './firmware-key.js';
import { addFirmwareList } from './firmware-list.js';
import { addFirmwareMake } from './firmware-make.js';
import { addFirmwareSign } from './firmware-sign.js';

export function addFirmware(program: Command, terminal: Terminal): void {
  const firmware = describeCommand(program.command('firmware'), terminal, 'firmware');
  addFirmwareInstall(firmware, terminal);
  addFirmwareKey(firmware, terminal);
  addFirmwareMake(firmware, terminal);
  addFirmwareSign(firmware, terminal);
  addFirmwareCheck(firmware, terminal);
  addFirmwareList(firmware, terminal);
  addFirmwareFleet(firmware, terminal);
}
