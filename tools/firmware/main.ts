/** `npm run firmware -- BOARD...`: builds the firmware of the boards named, or of all. */
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { BOARDS, type Board, shortfallOf } from './boards.js';
import { checkBudget } from './budget.js';
import {
  buildFirmware,
  type Firmware,
  installedForm,
  type Manifest,
  type ManifestFile,
  withTokens,
  writeFirmware,
} from './build.js';
import { BuildError } from './bundle.js';
import { installedStorage, storageImage } from './image.js';

const ROOT = resolve(import.meta.dirname, '../../..');

const program = new Command('firmware')
  .description('Builds the firmware of Espruino boards: its scripts and one manifest a board.')
  .argument('<board...>', `${Object.keys(BOARDS).join(', ')}, all of these, or linux`)
  .option('--out <folder>', 'where to put it', resolve(ROOT, 'dist/firmware'))
  .option('--version <version>', "that it says of itself, as 1.2.3, in place of the package's")
  .option('--storage <file>', "also write a Storage with the firmware in it, for the interpreter's Linux build")
  .option('--tokens', 'also write the script as tokens, a sixth smaller (and put these into the Storage)')
  .option('--json', 'print the manifests as one JSON array')
  .addHelpText('after', '\nExamples:\n  npm run -s firmware -- bangle2\n  npm run -s firmware -- all --json')
  .showHelpAfterError();

function filesOf({ tokens, selector, installer, ...script }: Manifest): ManifestFile[] {
  return [script, tokens, selector, installer].filter((file) => file !== undefined);
}

/** A board's Storage with the firmware in it. */
function storageOf(board: Board, firmware: Firmware): Uint8Array {
  const { selector, manifest } = firmware;
  const script = installedForm(firmware);
  if (selector === undefined) return storageImage(board.storage, { [manifest.storage]: script });
  return installedStorage(board.storage, selector, script, manifest.version);
}

async function run(): Promise<void> {
  program.parse();
  const { out, json, storage, tokens, version } = program.opts<{
    out: string;
    json?: boolean;
    storage?: string;
    tokens?: boolean;
    version?: string;
  }>();
  const names = program.args.includes('all') ? Object.keys(BOARDS) : program.args;
  const manifests: Manifest[] = [];
  for (const name of names) {
    const text = await buildFirmware(ROOT, name, version === undefined ? {} : { version });
    const board = BOARDS[name];
    const firmware = board && (tokens || board.tokens) ? withTokens(text) : text;
    const { manifest } = firmware;
    const place = writeFirmware(out, firmware);
    manifests.push(manifest);
    if (board && storage !== undefined) writeFileSync(storage, storageOf(board, firmware));
    const shortfall = board && shortfallOf(board, installedForm(firmware).length);
    if (shortfall !== undefined) console.error(`${name}: ${shortfall}`);
    const change = board && checkBudget(ROOT, name, manifest.bytes);
    if (!json) {
      for (const { file, bytes, sha256 } of filesOf(manifest)) {
        const size = change && file === manifest.file ? `${bytes} bytes (${change})` : `${bytes} bytes`;
        console.log(`${name}  ${size}  SHA-256 ${sha256}`);
        console.log(`  ${relative(process.cwd(), place)}/${file}`);
      }
    }
  }
  if (json) console.log(JSON.stringify(manifests, null, 2));
}

run().catch((thrown: unknown) => {
  console.error(thrown instanceof BuildError || thrown instanceof RangeError ? thrown.message : thrown);
  process.exitCode = 1;
});
