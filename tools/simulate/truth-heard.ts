/**
 * What ought to happen by what radios really received: the score of every reception of those who will report, by the
 * server's scorer. The token's log, the link and the gateway take no part in it.
 */
import { DAY_SECONDS, EPOCH_SECONDS } from '../../device/robert/time.js';
import { DEFAULT_RISK } from '../../host/backend/robert/risk.js';
import { DEFAULT_SCORING, type Reception, scoreContact } from '../../host/backend/robert/scoring.js';
import { type Verdict, verdict } from './truth.js';

/** A token keeps at most one sighting of an identifier in so many seconds (docs/spec/log.md). */
const SIGHTING_GAP = 5;

/** Seconds after an epoch's end at which its batch is sealed: what was heard in them belongs to the next one. */
const SETTLE = 20;

interface Exposure {
  at: number;
  score: number;
}

export class HeardTruth {
  /** When each receiver's token has last sealed what it had heard, NTP seconds. */
  private readonly sealedAt = new Map<string, number>();
  /** Receiver, sender, epoch. */
  private readonly contacts = new Map<string, Map<string, Map<number, Reception[]>>>();

  /** `receivers`: those who will report; receptions of others are not kept. `gains`: of emitter and receiver, dB. */
  constructor(
    receivers: readonly string[],
    private readonly gains: number,
  ) {
    for (const receiver of receivers) this.contacts.set(receiver, new Map());
  }

  heard(receiver: string, sender: string, time: number, rssi: number): void {
    const senders = this.contacts.get(receiver);
    if (senders === undefined) return;
    let epochs = senders.get(sender);
    if (epochs === undefined) {
      epochs = new Map();
      senders.set(sender, epochs);
    }
    const received = Math.floor(time);
    const epoch = Math.floor(received / EPOCH_SECONDS);
    const contact = epochs.get(epoch) ?? [];
    epochs.set(epoch, contact);
    const last = contact[contact.length - 1];
    if (last === undefined || received - last.received >= SIGHTING_GAP) {
      contact.push({ received, rssi: rssi - this.gains });
    }
  }

  /** The token of `receiver` has sealed a batch. */
  committed(receiver: string, now: number): void {
    this.sealedAt.set(receiver, now);
  }

  /** The token of `receiver` starts anew: what it had heard and not sealed is lost, an epoch at most (R1). */
  forget(receiver: string): void {
    const from = (this.sealedAt.get(receiver) ?? 0) - SETTLE;
    for (const epochs of this.contacts.get(receiver)?.values() ?? []) {
      for (const [epoch, contact] of epochs) {
        if ((epoch + 1) * EPOCH_SECONDS <= from) continue;
        epochs.set(
          epoch,
          contact.filter(({ received }) => received < from),
        );
      }
    }
  }

  /** The scored epochs in which `receiver` heard `sender` in the window before `until`. Times: NTP seconds. */
  private exposures(receiver: string, sender: string, until: number): Exposure[] {
    const out: Exposure[] = [];
    for (const [epoch, contact] of this.contacts.get(receiver)?.get(sender) ?? []) {
      const at = epoch * EPOCH_SECONDS;
      if (at >= until || at < until - DEFAULT_RISK.contagiousDays * DAY_SECONDS) continue;
      const score = scoreContact(contact, DEFAULT_SCORING)?.score ?? 0;
      if (score > 0) out.push({ at, score });
    }
    return out;
  }

  /**
   * What `who` ought to be told, `reports` being who reported and when (NTP seconds), in order of time: the rule of the server
   * (docs/spec/robert.md, "Risk"). What was counted for one risk is not counted for the next; and a contact of more than a
   * week ago raises none.
   */
  judge(who: string, reports: Iterable<readonly [reporter: string, at: number]>): { score: number; verdict: Verdict } {
    let counted = 0;
    let known: Exposure[] = [];
    let worst = { score: 0, verdict: verdict(0) };
    for (const [reporter, at] of reports) {
      if (reporter === who) continue;
      known = [...known, ...this.exposures(reporter, who, at)];
      const fresh = known.filter((exposure) => exposure.at > counted);
      const score = fresh.reduce((sum, exposure) => sum + exposure.score, 0);
      const newest = Math.max(0, ...known.map((exposure) => exposure.at));
      if (newest <= at - DEFAULT_RISK.lastContactDays * DAY_SECONDS) continue;
      if (score > worst.score) worst = { score, verdict: verdict(score) };
      if (verdict(score) === 'warn') counted = at;
    }
    return worst;
  }
}
