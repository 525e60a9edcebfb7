/** `npm run firmware -- BOARD...`: builds the firmware of the boards named, or of all. */
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { BOARDS, type Board, shortfallOf } from './boards.js';
import { checkBudget } from './budget.js';
import { buildFirmware, type Manifest, withTokens, writeFirmware } from './build.js';
import { BuildError } from './bundle.js';
import { storageImage } from './image.js';

const ROOT = resolve(import.meta.dirname, '../../..');

const program = new Command('firmware')
  .description('Builds the firmware of Espruino boards: one script and one manifest a board.')
  .argument('<board...>', `${Object.keys(BOARDS).join(', ')}, or all`)
  .option('--out <folder>', 'where to put it', resolve(ROOT, 'dist/firmware'))
  .option('--storage <file>', "also write a Storage with the firmware in it, for the interpreter's Linux build")
  .option('--tokens', 'also write the script as tokens, a sixth smaller (and put these into the Storage)')
  .option('--json', 'print the manifests as one JSON array')
  .addHelpText('after', '\nExamples:\n  npm run -s firmware -- bangle2\n  npm run -s firmware -- all --json')
  .showHelpAfterError();

async function run(): Promise<void> {
  program.parse();
  const { out, json, storage, tokens } = program.opts<{
    out: string;
    json?: boolean;
    storage?: string;
    tokens?: boolean;
  }>();
  const names = program.args.includes('all') ? Object.keys(BOARDS) : program.args;
  const manifests: Manifest[] = [];
  for (const name of names) {
    const text = await buildFirmware(ROOT, name);
    const board = BOARDS[name] as Board;
    const firmware = tokens || board.tokens ? withTokens(text) : text;
    const { code, manifest } = firmware;
    const place = writeFirmware(out, firmware);
    manifests.push(manifest);
    const installed = firmware.tokens ? Buffer.from(firmware.tokens).toString('latin1') : code;
    if (storage !== undefined) writeFileSync(storage, storageImage(board.storage, { [manifest.storage]: installed }));
    const shortfall = shortfallOf(board, installed.length);
    if (shortfall !== undefined) console.error(`${name}: ${shortfall}`);
    const change = checkBudget(ROOT, name, manifest.bytes);
    if (!json) {
      for (const { file, bytes, sha256 } of manifest.tokens ? [manifest, manifest.tokens] : [manifest]) {
        const size = file === manifest.file ? `${bytes} bytes (${change})` : `${bytes} bytes`;
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
