/** `npm run firmware -- BOARD...`: builds the firmware of the boards named, or of all. */
import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { BOARDS } from './boards.js';
import { buildFirmware, type Manifest, writeFirmware } from './build.js';
import { BuildError } from './bundle.js';

const ROOT = resolve(import.meta.dirname, '../../..');

const program = new Command('firmware')
  .description('Builds the firmware of Espruino boards: one script and one manifest a board.')
  .argument('<board...>', `${Object.keys(BOARDS).join(', ')}, or all`)
  .option('--out <folder>', 'where to put it', resolve(ROOT, 'dist/firmware'))
  .option('--json', 'print the manifests as one JSON array')
  .addHelpText('after', '\nExamples:\n  npm run -s firmware -- bangle2\n  npm run -s firmware -- all --json')
  .showHelpAfterError();

async function run(): Promise<void> {
  program.parse();
  const { out, json } = program.opts<{ out: string; json?: boolean }>();
  const names = program.args.includes('all') ? Object.keys(BOARDS) : program.args;
  const manifests: Manifest[] = [];
  for (const name of names) {
    const { code, manifest } = await buildFirmware(ROOT, name);
    const place = writeFirmware(out, code, manifest);
    manifests.push(manifest);
    if (!json) {
      console.log(`${name}  ${manifest.bytes} bytes  SHA-256 ${manifest.sha256}`);
      console.log(`  ${relative(process.cwd(), place)}/${manifest.file}`);
    }
  }
  if (json) console.log(JSON.stringify(manifests, null, 2));
}

run().catch((thrown: unknown) => {
  console.error(thrown instanceof BuildError ? thrown.message : thrown);
  process.exitCode = 1;
});
