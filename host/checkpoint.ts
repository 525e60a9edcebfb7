/**
 * Named points at which a test kills this process: `GALET_KILL_AT=name:phase` dies at the first passage,
 * `GALET_KILL_AT=name:phase:n` at the n-th. Without the variable a passage costs one comparison.
 *
 * Every durable commit and every acknowledgement has a name here, passed once `before` it happens and once `after`,
 * so that a test can show that no moment of a power cut is left out.
 */

/** All names, by the process that passes them. A test that kills at each of them reads this list. */
export const CHECKPOINTS = {
  backend: [
    'backend.migrate',
    'backend.initialise',
    'backend.keys',
    'backend.retention',
    'backend.audit',
    'codes.issue',
    'codes.acknowledge',
    'gateway.report',
    'gateway.acknowledge',
    'gateway.release',
    'robert.register',
    'robert.visit',
    'robert.unregister',
    'robert.wipe',
    'robert.report',
    'robert.contact',
    'robert.risk',
    'robert.purge',
    'robert.acknowledge',
  ],
  kiosk: [
    'outbox.migrate',
    'outbox.draft',
    'outbox.append',
    'outbox.keep',
    'outbox.delay',
    'outbox.dummy',
    'outbox.sent',
    'outbox.refused',
    'outbox.done',
    'outbox.drop',
    'outbox.sweep',
    'kiosk.acknowledge-draft',
    'kiosk.acknowledge-append',
    'kiosk.acknowledge-keep',
    'kiosk.acknowledge-done',
    'kiosk.upload',
  ],
  cli: [
    'cli.kept',
    'cli.receipt',
    'cli.done',
    'cli.head',
    'cli.applied',
    'cli.provision',
    'cli.unregister',
    'cli.wipe',
  ],
  token: [
    'token.provision.keys',
    'token.provision.ticket',
    'token.ratchet.begin',
    'token.refill.blocks',
    'token.answer.apply',
    'token.log.page',
    'token.log.expire',
    'token.ratchet.stage',
    'token.log.batch',
    'token.ratchet.zero',
    'token.ratchet.move',
    'token.ratchet.purge',
    'token.report.consent',
    'token.report.kept',
    'token.report.receipt',
    'token.clock.lost',
    'token.wipe.begin',
    'token.wipe.pages',
    'token.wipe.end',
    'token.trust.root',
    'token.trust.configuration',
    'token.trust.gateway',
    'token.update.slot',
    'token.update.begin',
    'token.update.page',
    'token.update.ready',
    'token.update.trial',
    'token.update.confirm',
    'token.update.failed',
    'token.journal.format',
    'token.journal.body',
    'token.journal.turned',
    'token.reply',
  ],
} as const satisfies Record<string, readonly string[]>;

export type CheckpointName = (typeof CHECKPOINTS)[keyof typeof CHECKPOINTS][number];

export type CheckpointPhase = 'before' | 'after';

const [targetName, targetPhase, targetPassage] = (process.env.GALET_KILL_AT ?? '').split(':');
let passagesLeft = Number(targetPassage ?? '1');

/** Passes a checkpoint: dies there, by SIGKILL, if this is the one that GALET_KILL_AT names. */
export function checkpoint(name: CheckpointName, phase: CheckpointPhase): void {
  if (name !== targetName || phase !== targetPhase) return;
  passagesLeft -= 1;
  if (passagesLeft === 0) process.kill(process.pid, 'SIGKILL');
}
