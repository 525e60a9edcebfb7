#!/usr/bin/env node
// The command's entrance. It stands in the repository, so that it is there before the first build and can say so.
import { existsSync } from 'node:fs';

const main = new URL('../../dist/host/cli/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  process.stderr.write('Galet is not built yet: run "npm run build" first.\n');
  process.stderr.write('Galet n’est pas encore construit : lancez d’abord « npm run build ».\n');
  process.exitCode = 1;
}
