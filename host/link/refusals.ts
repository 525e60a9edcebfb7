/** The named error that a person meets behind each fault of the token. */
import type { Fault, FaultName } from '../../device/faults.js';
import { type ErrorCode, GaletError } from '../errors.js';

const CODES: Record<FaultName, ErrorCode> = {
  'state-wrong': 'token-state-wrong',
  'not-provisioned': 'token-blank',
  'already-provisioned': 'token-provisioned',
  'too-soon': 'token-too-soon',
  'too-many-requests': 'token-too-many-requests',
  'no-request-pending': 'answer-refused',
  'answer-late': 'answer-late',
  'answer-forged': 'answer-refused',
  'answer-version': 'answer-refused',
  'block-forged': 'answer-refused',
  'block-unexpected': 'answer-refused',
  'no-identifier': 'token-no-identifier',
  'consent-missing': 'consent-missing',
  'nothing-to-report': 'nothing-to-report',
  'already-reported': 'report-done',
  'report-unknown': 'token-report-unknown',
  'receipt-forged': 'receipt-refused',
  'batch-absent': 'token-batch-absent',
  ended: 'token-ended',
  'flash-full': 'token-full',
  'message-version': 'link-version',
  'link-lost': 'link-lost',
  // A person can do nothing about these but report them, so one sentence names them all.
  'port-absent': 'token-refused',
  'flash-rule': 'token-refused',
  'message-malformed': 'token-refused',
  'message-unknown': 'token-refused',
  'frame-malformed': 'token-refused',
  internal: 'token-refused',
  'key-refused': 'token-refused',
  'update-absent': 'update-unsupported',
  'object-old': 'update-old',
  'object-expired': 'update-expired',
  'not-ordered': 'update-not-ordered',
  'root-absent': 'update-refused',
  'object-malformed': 'update-refused',
  'object-foreign': 'update-refused',
  'signature-refused': 'update-refused',
  'page-forged': 'update-refused',
  'time-unknown': 'update-refused',
};

/**
 * The error for a refusal of the token on `port`. Parameters: `fault`, the fault's name; `seconds`, its detail, which
 * for a fault that asks for patience is how long.
 */
export function refusalError(refusal: Fault, port: string): GaletError {
  return new GaletError(CODES[refusal.fault], { fault: refusal.fault, seconds: refusal.detail, port }, refusal);
}
