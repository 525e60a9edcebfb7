/** The map of proof, as a page. */
import type { Property } from './properties.js';
import type { Proof } from './titles.js';

const HEAD = `# What is proven, and what is not

Written by \`npm run -s proof\` from the titles of the tests; do not edit. A number stands for one property of the system; what each party can do
all the same is [threats.md](threats.md). "Open" says what no test proves.

| property | proven by | open |
|---|---|---|
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function rowOf({ number, title, open }: Property, proofs: readonly Proof[]): string {
  const by = proofs
    .filter(({ numbers }) => numbers.includes(number))
    .map(({ file, title: proof }) => `\`${file}\`: ${cell(proof)}`);
  return `| **R${number}** ${cell(title)} | ${by.join('<br>')} | ${cell(open ?? '')} |\n`;
}

/** What is wrong with the map: a property without proof or reason, a title that quotes an unknown number. */
export function gapsIn(properties: readonly Property[], proofs: readonly Proof[]): string[] {
  const known = new Set(properties.map(({ number }) => number));
  const unknown = proofs.flatMap(({ file, title, numbers }) =>
    numbers
      .filter((number) => !known.has(number))
      .map((number) => `${file}: "${title}" quotes R${number}, which is none`),
  );
  const unproven = properties
    .filter(({ number, open }) => open === undefined && !proofs.some(({ numbers }) => numbers.includes(number)))
    .map(({ number }) => `R${number} has neither a test nor a reason`);
  return [...unknown, ...unproven];
}

export function tableOf(properties: readonly Property[], proofs: readonly Proof[]): string {
  return HEAD + properties.map((property) => rowOf(property, proofs)).join('');
}
