/** For every checkpoint of host/checkpoint.ts: which story passes it, and how that story goes. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../device/version.js';
import { CHECKPOINTS, type CheckpointName } from '../../host/checkpoint.js';
import { Authority, NEXT } from './authority.js';
import { Bench, type Kill, type Outcome, type Part } from './bench.js';
import { freePort } from './house.js';
import { phoneReport } from './phone-report.js';
import { until } from './process.js';
import { LONER, NEIGHBOUR, POSITIVE } from './template.js';

/** A story: prepares the bench, then lets happen what happens; `check` compares its end with the undisturbed one. */
interface Story {
  tell(bench: Bench): Promise<void>;
  /** What the end must be, given the same story undisturbed. Unless said otherwise: the same. */
  same?(outcome: Outcome, undisturbed: Outcome): Outcome;
  isEmpty?: boolean;
}

/** A token listens every 12 s or so. */
const HEARD_MS = 90_000;
const HEARING_MS = 2000;

/** A cut in the middle of a registration costs an identity that nobody uses. */
function ignoringUnusedIdentities(outcome: Outcome, undisturbed: Outcome): Outcome {
  const { registrations, identities } = undisturbed.ledger;
  const unused = outcome.ledger.registrations - registrations;
  if (unused > 1 || unused !== outcome.ledger.identities - identities) return outcome;
  return { ...outcome, ledger: { ...outcome.ledger, registrations, identities } };
}

function setParameters(bench: Bench, parameters: object): void {
  writeFileSync(join(bench.house.backendDir, 'parameters.json'), JSON.stringify(parameters));
}

export const STORIES = {
  /** A token with a log visits: time, identifiers, risk. */
  sync: {
    async tell(bench) {
      bench.put({ flash: POSITIVE });
      await bench.sync();
    },
  },
  /** The wearer tested positive. */
  report: {
    async tell(bench) {
      bench.put({ flash: POSITIVE });
      await bench.report(await bench.issueCode());
    },
  },
  /** A token that met somebody for a minute, so that its consent has something to seal first. */
  heard: {
    async tell(bench) {
      const air = await freePort();
      bench.put({ flash: LONER, air });
      await bench.up();
      await bench.house.startToken(bench.house.file(NEIGHBOUR), { air });
      const code = await bench.issueCode();
      // Until it has heard something, or again what a restart has made it forget, there is nothing to report.
      await until(
        'a delivered report',
        async () => (await bench.tryReport(code)).json.outcome === 'delivered',
        HEARD_MS,
        HEARING_MS,
      );
    },
    // Of the running epoch it may have heard a part twice, before the cut and after: each is a record, counted once.
    same: ({ ledger, token }, undisturbed) => {
      const { batches = 0, records = 0, reportedBatches } = token ?? {};
      const isWhole = batches >= 1 && reportedBatches === batches && ledger.exposures === records;
      if (!isWhole) return { ledger, token };
      const { exposures, doubleEpochs } = undisturbed.ledger;
      return { ledger: { ...ledger, exposures, doubleEpochs }, token: undisturbed.token };
    },
  },
  provision: {
    async tell(bench) {
      bench.put({ flash: 'blank.flash' });
      await bench.provision();
    },
    same: ignoringUnusedIdentities,
  },
  forget: {
    async tell(bench) {
      bench.put({ flash: LONER });
      await bench.forget();
    },
    // Asked twice, the server expects one of two proofs; the other lapses by itself.
    same: (outcome) => ({ ...outcome, ledger: { ...outcome.ledger, wipesAwaited: 0 } }),
  },
  /** The token's clock was lost: its visit sets it. */
  lostClock: {
    async tell(bench) {
      bench.put({ flash: POSITIVE, clock: 'lost' });
      await bench.sync();
    },
  },
  /** Its log is more than 14 days old by its own clock. */
  oldLog: {
    async tell(bench) {
      bench.put({ flash: POSITIVE, clock: `+${16 * 86_400}` });
      await bench.sync();
    },
  },
  /** The authority has reports held back for a moment. */
  delayed: {
    async tell(bench) {
      setParameters(bench, { mixReports: 1, reportDelaySeconds: 1 });
      bench.put({ flash: POSITIVE });
      await bench.report(await bench.issueCode());
    },
  },
  /** Offline, a wrong code cannot be told; the server refuses it later, and consent is asked again. */
  refused: {
    async tell(bench) {
      bench.put({ flash: POSITIVE });
      const code = await bench.issueCode();
      await bench.goOffline();
      await bench.keepReport('WRNGCDE2');
      bench.goOnline();
      await until('the refusal', async () => {
        await bench.up();
        return (await bench.house.kioskQueue())?.refused['code-unknown'] === 1;
      });
      await bench.report(code);
    },
  },
  /** Mixed with others, contacts wait; a restart releases and scores them. */
  release: {
    async tell(bench) {
      setParameters(bench, { mixReports: 2 });
      bench.put({ flash: POSITIVE });
      const kills = bench.disarm();
      await bench.report(await bench.issueCode());
      setParameters(bench, { mixReports: 1 });
      bench.arm(kills);
      await bench.restartBackend();
    },
  },
  /** A phone reports over /api/v6. */
  phone: {
    async tell(bench) {
      await bench.up();
      await phoneReport(bench);
    },
  },
  /** The authority publishes keys, a configuration and a release. */
  update: {
    async tell(bench) {
      await bench.up();
      const authority = await Authority.of(bench.house);
      bench.put({ flash: 'blank.flash' });
      await bench.provision();
      await authority.release();
      await bench.syncUntil(({ json }) => json.firmware === NEXT && json.update !== 'failed');
    },
    same: ignoringUnusedIdentities,
  },
  /** A release that is broken, then a configuration with another gateway's key. */
  broken: {
    async tell(bench) {
      await bench.up();
      const authority = await Authority.of(bench.house);
      bench.put({ flash: 'blank.flash' });
      await bench.provision();
      authority.breakRelease();
      await bench.syncUntil(({ json }) => json.update === 'failed' && json.firmware === VERSION);
      authority.moveGateway();
      await bench.sync();
    },
    same: ignoringUnusedIdentities,
  },
  codes: {
    async tell(bench) {
      bench.put({ flash: POSITIVE });
      await bench.report(await bench.issueCode());
    },
    // A code that was issued and never seen is never used.
    same: (outcome) => ({ ...outcome, ledger: { ...outcome.ledger, codesUnused: 0 } }),
  },
  /** A server and a kiosk that have never run. */
  first: {
    isEmpty: true,
    async tell(bench) {
      await bench.initialise();
      bench.put({ flash: 'blank.flash' });
      await bench.provision();
      await bench.sync();
    },
    same: ignoringUnusedIdentities,
  },
} as const satisfies Record<string, Story>;

export type StoryName = keyof typeof STORIES;

/** Which story, and which passage of the point in it, if not the first. */
export interface Planned {
  story: StoryName;
  passage?: number;
  /** A first kill that leaves something to finish. */
  after?: Kill['at'];
}

export const PLAN: Record<CheckpointName, Planned> = {
  'backend.migrate': { story: 'first' },
  'backend.initialise': { story: 'first' },
  'backend.keys': { story: 'sync' },
  'backend.retention': { story: 'sync' },
  'backend.audit': { story: 'provision', passage: 2 },
  'codes.issue': { story: 'codes' },
  'codes.acknowledge': { story: 'codes' },
  'gateway.report': { story: 'report' },
  'gateway.acknowledge': { story: 'report' },
  'gateway.release': { story: 'release' },
  'robert.register': { story: 'provision' },
  'robert.visit': { story: 'sync' },
  'robert.unregister': { story: 'forget' },
  'robert.wipe': { story: 'forget' },
  'robert.report': { story: 'phone' },
  'robert.contact': { story: 'release' },
  'robert.risk': { story: 'release', passage: 2 },
  'robert.purge': { story: 'release' },
  'robert.acknowledge': { story: 'sync' },
  'outbox.migrate': { story: 'sync' },
  'outbox.draft': { story: 'report' },
  'outbox.append': { story: 'report' },
  'outbox.keep': { story: 'report' },
  'outbox.delay': { story: 'delayed' },
  'outbox.dummy': { story: 'sync' },
  'outbox.sent': { story: 'report' },
  'outbox.refused': { story: 'refused' },
  'outbox.done': { story: 'report' },
  'outbox.drop': { story: 'report' },
  'outbox.sweep': { story: 'report' },
  'kiosk.acknowledge-draft': { story: 'report' },
  'kiosk.acknowledge-append': { story: 'report' },
  'kiosk.acknowledge-keep': { story: 'report' },
  'kiosk.acknowledge-done': { story: 'report' },
  'kiosk.upload': { story: 'report' },
  'cli.kept': { story: 'report' },
  'cli.receipt': { story: 'report' },
  'cli.done': { story: 'report' },
  'cli.head': { story: 'sync' },
  'cli.applied': { story: 'sync' },
  'cli.provision': { story: 'provision' },
  'cli.unregister': { story: 'forget' },
  'cli.wipe': { story: 'forget' },
  'token.provision.keys': { story: 'provision' },
  'token.provision.ticket': { story: 'provision' },
  'token.ratchet.begin': { story: 'provision' },
  'token.refill.blocks': { story: 'sync' },
  'token.answer.apply': { story: 'sync' },
  'token.log.page': { story: 'heard' },
  'token.log.expire': { story: 'oldLog' },
  'token.ratchet.stage': { story: 'heard' },
  'token.ratchet.move': { story: 'heard', after: 'token.log.batch:after' },
  'token.ratchet.purge': { story: 'heard', after: 'token.log.batch:after' },
  'token.log.batch': { story: 'heard' },
  'token.ratchet.zero': { story: 'heard' },
  'token.report.consent': { story: 'report' },
  'token.report.kept': { story: 'report' },
  'token.report.receipt': { story: 'report' },
  'token.clock.lost': { story: 'lostClock' },
  'token.wipe.begin': { story: 'forget' },
  'token.wipe.pages': { story: 'forget' },
  'token.wipe.end': { story: 'forget' },
  'token.trust.root': { story: 'update' },
  'token.trust.configuration': { story: 'update' },
  'token.trust.gateway': { story: 'broken' },
  'token.update.slot': { story: 'update' },
  'token.update.begin': { story: 'update' },
  'token.update.page': { story: 'update' },
  'token.update.ready': { story: 'update' },
  'token.update.trial': { story: 'update' },
  'token.update.confirm': { story: 'update' },
  'token.update.failed': { story: 'broken' },
  'token.journal.format': { story: 'provision' },
  'token.journal.body': { story: 'forget' },
  'token.journal.turned': { story: 'forget' },
  'token.reply': { story: 'report', passage: 8 },
};

export function partOf(name: CheckpointName): Part {
  for (const [part, names] of Object.entries(CHECKPOINTS)) {
    if ((names as readonly string[]).includes(name)) return part as Part;
  }
  throw new Error(name);
}

/** Passed last: what is repeated afterwards has nothing left to do there. */
const PASSED_ONCE: CheckpointName[] = [
  'outbox.done',
  'kiosk.acknowledge-append',
  'kiosk.acknowledge-keep',
  'kiosk.acknowledge-done',
];

/** Whether a service that died before a point passes it again, so that one story can show both deaths. */
export function isPassedAgain(name: CheckpointName): boolean {
  const part = partOf(name);
  return (part === 'backend' || part === 'kiosk') && !PASSED_ONCE.includes(name);
}

/** Tells a story on a fresh copy of `template`, with a kill in it or without. */
export async function tellStory(
  name: StoryName,
  template: string,
  kills: Kill[] = [],
): Promise<Outcome & { hits: number }> {
  const story: Story = STORIES[name];
  const bench = await Bench.open(kills, story.isEmpty === true ? undefined : template);
  try {
    await story.tell(bench);
    return { ...(await bench.finish()), hits: bench.hits };
  } finally {
    await bench.close();
  }
}

/** The end of a disturbed story in the terms of the undisturbed one: equal to it when all is well. */
export function comparable(name: StoryName, outcome: Outcome, undisturbed: Outcome): Outcome {
  const story: Story = STORIES[name];
  const { ledger, token } = outcome;
  return story.same ? story.same({ ledger, token }, undisturbed) : { ledger, token };
}
