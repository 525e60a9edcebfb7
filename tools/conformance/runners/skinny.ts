import { decryptBlock, encryptBlock } from '../../../host/backend/robert/skinny.js';
import type { CaseRunner, FileRunner } from '../runner.js';

const block: CaseRunner = (fields, _meta, check) => {
  const key = fields.serverKey('key');
  const plain = fields.bytes('pt', 8);
  const cipher = fields.bytes('ct', 8);
  check.same('ct', encryptBlock(key, plain), cipher);
  check.same('pt', decryptBlock(key, cipher), plain);
};

export const skinnyRunner: FileRunner = {
  name: 'skinny64',
  recognises: (fields) => fields.has('pt') && fields.has('ct'),
  runnerOf: () => block,
};
