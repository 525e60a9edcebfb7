/** `npm run firmware -- BOARD...`: builds the firmware of the boards named, or of all. */
import { writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { BOARDS, type Board, shortfallOf } from './boards.js';
import { buildFirmware, type Manifest, writeFirmware } from './build.js';
import { BuildError } from './bundle.js';
import { storageImage } from './image.js';

const ROOT = resolve(import.meta.dirname, '../../..');

const program = new Command('firmware')
  .description('Builds the firmware of Espruino boards: one script and one manifest a board.')
  .argument('<board...>', `${Object.keys(BOARDS).join(', ')}, or all`)
  .option('--out <folder>', 'where to put it', resolve(ROOT, 'dist/firmware'))
  .option('--storage <file>', "also write a Storage with the firmware in it, for the interpreter's Linux build")
  .option('--json', 'print the manifests as one JSON array')
  .addHelpText('after', '\nExamples:\n  npm run -s firmware -- bangle2\n  npm run -s firmware -- all --json')
  .showHelpAfterError();

async function run(): Promise<void> {
  program.parse();
  const { out, json, storage } = program.opts<{ out: string; json?: boolean; storage?: string }>();
  const names = program.args.includes('all') ? Object.keys(BOARDS) : program.args;
  const manifests: Manifest[] = [];
  for (const name of names) {
    const { code, manifest } = await buildFirmware(ROOT, name);
    const place = writeFirmware(out, code, manifest);
    manifests.push(manifest);
    const board = BOARDS[name] as Board;
    if (storage !== undefined) writeFileSync(storage, storageImage(board.storage, { [manifest.storage]: code }));
    const shortfall = shortfallOf(board, manifest.bytes);
    if (shortfall !== undefined) console.error(`${name}: ${shortfall}`);
    if (!json) {
      console.log(`${name}  ${manifest.bytes} bytes  SHA-256 ${manifest.sha256}`);
      console.log(`  ${relative(process.cwd(), place)}/${manifest.file}`);
    }
  }
  if (json) console.log(JSON.stringify(manifests, null, 2));
}

run().catch((thrown: unknown) => {
  console.error(thrown instanceof BuildError || thrown instanceof RangeError ? thrown.message : thrown);
  process.exitCode = 1;
});
