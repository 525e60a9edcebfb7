import { ebidBlock, eccCipher, makeEbid, openEbid } from '../../../host/backend/robert/ebid.js';
import type { CaseRunner, FileRunner } from '../runner.js';

const identifier: CaseRunner = (fields, _meta, check) => {
  const key = fields.serverKey('ks');
  const epoch = fields.integer('epoch');
  const id = fields.bytes('id', 5);
  const ebid = fields.bytes('ebid', 8);
  check.same('block', ebidBlock(epoch, id), fields.bytes('block', 8));
  check.same('ebid', makeEbid(key, epoch, id), ebid);
  const content = openEbid(key, ebid);
  check.same('epoch', content.epoch, epoch & 0xffffff);
  check.same('id', content.id, id);

  const federationKey = fields.bytes('kg');
  const bits = /^kg(\d+)$/.exec(fields.text('kind'))?.[1];
  if (bits !== undefined) check.same('kg bits', federationKey.length * 8, Number(bits));
  const ecc = eccCipher(federationKey);
  const country = fields.byte('cc');
  check.same('aesBlock', hexOfBlock(ecc.aesBlock(ebid)), fields.text('aesBlock'));
  check.same('ecc', ecc.apply(ebid, country), fields.byte('ecc'));
  check.same('cc', ecc.apply(ebid, fields.byte('ecc')), country);
};

function hexOfBlock(block: Uint8Array): string {
  return Buffer.from(block).toString('hex');
}

export const ebidRunner: FileRunner = {
  name: 'ebid',
  recognises: (fields) => fields.has('aesBlock'),
  runnerOf: () => identifier,
};
