import { u32 } from '../../../device/bytes.js';
import {
  DEFAULT_SERVICE_START,
  distance16,
  epochAt,
  epochStart,
  ntpOfUnix,
  time16,
  unixOfNtp,
} from '../../../device/robert/time.js';
import { dayName, dayOfName, epochsLeftInKeyDay, keyDayOf } from '../../../host/backend/robert/keydays.js';
import type { CaseRunner, FileRunner } from '../runner.js';

const instant: CaseRunner = (fields, _meta, check) => {
  const ntp = fields.integer('ntp');
  const epoch = epochAt(DEFAULT_SERVICE_START, ntp);
  const keyDay = keyDayOf(DEFAULT_SERVICE_START, epoch);
  const keyDate = fields.text('keyDate').replaceAll('-', '');
  check.same('ntp', ntpOfUnix(fields.integer('unix')), ntp);
  check.same('unix', unixOfNtp(ntp), fields.integer('unix'));
  check.same('epoch', epoch, fields.integer('epoch'));
  check.same('epochStartNtp', epochStart(DEFAULT_SERVICE_START, epoch), fields.integer('epochStartNtp'));
  check.same('time16', time16(ntp), fields.integer('time16'));
  check.same('time32', u32(ntp), fields.bytes('time32'));
  check.same('keyDate', dayName(keyDay), keyDate);
  check.same('key day', keyDay, dayOfName(keyDate));
  check.same('remaining', epochsLeftInKeyDay(DEFAULT_SERVICE_START, epoch), fields.integer('remaining'));
};

const tolerance: CaseRunner = (fields, _meta, check) => {
  const distance = distance16(fields.integer('ts'), fields.integer('tr'));
  check.same('ok', distance <= fields.integer('tol'), fields.flag('ok'));
};

export const timeRunner: FileRunner = {
  name: 'time',
  recognises: (fields) => fields.has('unix') || fields.has('tol'),
  runnerOf: (kind) => (kind.startsWith('epoch') ? instant : kind.startsWith('tolerance') ? tolerance : undefined),
};
