/** `npm run -s proof`: writes docs/privacy/proof.md, and says what has neither a test nor a reason. */
import { writeFileSync } from 'node:fs';
import { PROPERTIES } from './properties.js';
import { gapsIn, tableOf } from './table.js';
import { proofsUnder } from './titles.js';

const PAGE = 'docs/privacy/proof.md';

const proofs = proofsUnder('test');
const gaps = gapsIn(PROPERTIES, proofs);
writeFileSync(PAGE, tableOf(PROPERTIES, proofs));
for (const gap of gaps) process.stderr.write(`${gap}\n`);
const proven = PROPERTIES.filter(({ number }) => proofs.some(({ numbers }) => numbers.includes(number)));
process.stdout.write(`${proven.length} of ${PROPERTIES.length} properties have a test: ${PAGE}\n`);
if (gaps.length > 0) process.exitCode = 1;
