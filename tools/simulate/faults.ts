/**
 * What goes wrong in a world, on by default (R8): a table of faults, half of them in each seed. Before the end everything
 * works again for a while, so that what was acknowledged has the time to arrive (R9).
 */
import { isPowerCut, type TwinFlash } from '../../device/boards/twin/flash.js';
import type { Send } from '../../host/kiosk/http.js';
import type { Carrier } from '../../host/link/carrier.js';
import { Stream } from './random.js';
import type { Faults, Hands, Seams } from './seams.js';

export const FAULTS = {
  'frame-loss': 'frames between counter and token lost, up to half of them',
  drift: 'crystals up to 40 ppm wrong',
  reset: 'tokens started anew, some during a visit',
  'power-loss': 'a battery out: the clock stands at nothing',
  'torn-write': 'power gone in the middle of a write to flash',
  'bad-page': 'a page of flash worn out: writes do nothing',
  offline: 'a counter without its network, up to 7 days',
  'lost-reply': 'the server took an upload, and the counter never heard so',
  'duplicated-upload': 'an upload carried twice',
  'late-upload': 'an old upload carried again after others',
  'kiosk-crash': 'the counter’s process ended and started again',
  'backend-crash': 'the server’s process ended and started again',
  'full-disk': 'no room left on the counter’s disk',
} as const;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** Of all seeds, in which a kind takes part: so that it is missing from many, and with each other one in many. */
const SHARE = 0.5;
/** Of the days, after which nothing goes wrong any more. */
const ACTIVE = 0.8;
const DAY = 86_400;
const HOUR = 3600;
const OFFLINE_MAX = 7 * DAY;
const DRIFT_MAX = 40;
const LOSS_MAX = 0.5;
/** Of uploads. */
const UPLOAD_SHARE = 0.7;
/** Of visits. */
const RESET_SHARE = 0.15;
const UPLOAD_PATH = '/galet/v1/reports';
/** The token's log begins behind its fixed parts (device/token/layout.ts). */
const LOG_PAGE = 16;
const LOG_PAGES_NEAR = 2;

export class DrawnFaults implements Faults {
  readonly kinds: ReadonlySet<FaultKind>;
  private readonly random: Stream;
  private readonly chips = new Map<string, TwinFlash>();
  private readonly badPages = new Map<string, number>();
  private readonly told = new Set<FaultKind>();
  private hands: Hands | undefined;
  private held: (() => Promise<unknown>)[] = [];

  /** `kinds`: which ones instead of those that the seed draws. */
  constructor(seed: number, kinds?: readonly FaultKind[]) {
    const draw = new Stream(seed, 'which faults');
    const drawn = FAULT_KINDS.filter(() => draw.unit() < SHARE);
    this.kinds = new Set(kinds ?? drawn);
    this.random = new Stream(seed, 'faults');
  }

  dress<S extends keyof Seams>(what: S, port: Seams[S], who: string): Seams[S] {
    const dressers: { [K in keyof Seams]: (port: Seams[K], who: string) => Seams[K] } = {
      flash: (flash, name) => this.flash(flash, name),
      radio: (radio) => radio,
      drift: (ppm) => (this.kinds.has('drift') ? this.random.between(-DRIFT_MAX, DRIFT_MAX) : ppm),
      link: (carrier, name) => this.link(carrier, name),
      network: (send) => this.network(send),
    };
    return dressers[what](port, who);
  }

  begin(hands: Hands): void {
    this.hands = hands;
    const { random } = this;
    const { tokens, kiosks, timeline } = hands;
    const one = <T>(names: readonly T[]): T => names[random.below(names.length)] as T;
    if (this.kinds.has('drift')) this.fire('drift', 'every token');
    if (this.kinds.has('bad-page')) for (const who of tokens) this.wearOut(who);
    timeline.at(this.quietFrom, () => {
      for (const chip of this.chips.values()) chip.cutAt(Number.POSITIVE_INFINITY, 0, () => 0);
    });
    const days = (this.quietFrom - hands.begins) / DAY;
    const plan: [FaultKind, count: number, act: (fire: (detail: string) => void) => void][] = [
      ['reset', Math.ceil(days * tokens.length * 0.2), (fire) => this.reset(one(tokens), false, fire)],
      ['power-loss', Math.ceil(days / 4), (fire) => this.reset(one(tokens), true, fire)],
      ['torn-write', Math.ceil(days * tokens.length * 0.2), () => this.tear(one(tokens))],
      ['offline', kiosks.length, (fire) => this.cutOff(one(kiosks), fire)],
      ['kiosk-crash', Math.ceil(days), (fire) => this.crash(one(kiosks), fire)],
      ['backend-crash', Math.ceil(days), (fire) => this.crash(undefined, fire)],
      ['full-disk', kiosks.length, (fire) => this.fill(one(kiosks), fire)],
    ];
    for (const [kind, count, act] of plan) {
      if (!this.kinds.has(kind)) continue;
      for (let i = 0; i < count; i++) {
        timeline.at(random.between(hands.begins, this.quietFrom), () => act((detail) => this.fire(kind, detail)));
      }
    }
  }

  private get quietFrom(): number {
    const { begins, ends } = this.hands as Hands;
    return begins + ACTIVE * (ends - begins);
  }

  private get isActive(): boolean {
    return this.hands !== undefined && this.hands.timeline.now() < this.quietFrom;
  }

  private fire(kind: FaultKind, detail: string): void {
    this.told.add(kind);
    this.hands?.chronicle.note({ what: 'fault', kind, detail });
  }

  private reset(who: string, lostPower: boolean, fire: (detail: string) => void): void {
    fire(who);
    this.hands?.reset(who, lostPower);
  }

  private crash(kiosk: string | undefined, fire: (detail: string) => void): void {
    fire(kiosk ?? 'backend');
    if (kiosk === undefined) this.hands?.crashBackend();
    else this.hands?.crashKiosk(kiosk);
  }

  private cutOff(kiosk: string, fire: (detail: string) => void): void {
    const { timeline, network } = this.hands as Hands;
    fire(kiosk);
    network(kiosk, false);
    const back = Math.min(timeline.now() + this.random.between(HOUR, OFFLINE_MAX), this.quietFrom);
    timeline.at(back, () => network(kiosk, true));
  }

  private fill(kiosk: string, fire: (detail: string) => void): void {
    const { timeline, fillDisk } = this.hands as Hands;
    fire(kiosk);
    fillDisk(kiosk, true);
    const back = Math.min(timeline.now() + this.random.between(HOUR, 12 * HOUR), this.quietFrom);
    timeline.at(back, () => fillDisk(kiosk, false));
  }

  /** Arms the chip: the power goes at one of its next writes. */
  private tear(who: string): void {
    this.chips.get(who)?.cutAt(1 + this.random.below(40), this.random.unit(), () => this.random.unit());
  }

  private wearOut(who: string): void {
    this.badPages.set(who, LOG_PAGE + this.random.below(LOG_PAGES_NEAR));
  }

  private flash(chip: TwinFlash, who: string): TwinFlash {
    if (!this.kinds.has('torn-write') && !this.kinds.has('bad-page')) return chip;
    this.chips.set(who, chip);
    const orCut = (act: () => void): void => {
      try {
        act();
      } catch (error) {
        if (isPowerCut(error)) this.powerGone(who);
        throw error;
      }
    };
    return {
      ...chip,
      erase: (page) => orCut(() => chip.erase(page)),
      write: (address, data) => {
        const bad = this.badPages.get(who);
        if (bad !== undefined && Math.floor(address / chip.pageSize) === bad) this.fire('bad-page', who);
        else orCut(() => chip.write(address, data));
      },
    };
  }

  private powerGone(who: string): void {
    const { timeline, reset } = this.hands as Hands;
    this.fire('torn-write', who);
    timeline.at(timeline.now(), () => reset(who, false));
  }

  private link(carrier: Carrier, who: string): Carrier {
    const { random } = this;
    if (!this.isActive) return carrier;
    if (this.kinds.has('reset') && random.unit() < RESET_SHARE) {
      const { timeline } = this.hands as Hands;
      timeline.at(timeline.now() + random.between(0, 12), () =>
        this.reset(who, false, (detail) => this.fire('reset', detail)),
      );
    }
    if (!this.kinds.has('frame-loss')) return carrier;
    const loss = random.between(0, LOSS_MAX);
    this.fire('frame-loss', who);
    return {
      ...carrier,
      send: (frame) => {
        if (random.unit() >= loss) carrier.send(frame);
      },
      listen: (onFrame, onGone) =>
        carrier.listen((frame) => {
          if (random.unit() >= loss) onFrame(frame);
        }, onGone),
    };
  }

  private network(send: Send): Send {
    return async (url, connections, request) => {
      if (url.pathname !== UPLOAD_PATH || !this.isActive) {
        await this.release();
        return await send(url, connections, request);
      }
      const happens = (kind: FaultKind): boolean => this.kinds.has(kind) && this.random.unit() < UPLOAD_SHARE;
      await this.release();
      if (happens('late-upload')) this.held.push(() => send(url, connections, request));
      if (happens('duplicated-upload')) {
        this.fire('duplicated-upload', url.pathname);
        await send(url, connections, request);
      }
      const reply = await send(url, connections, request);
      if (!happens('lost-reply')) return reply;
      this.fire('lost-reply', url.pathname);
      throw Object.assign(new Error('the reply is lost'), { code: 'ECONNRESET' });
    };
  }

  /** What was held back goes before whatever comes next. */
  private async release(): Promise<void> {
    for (const again of this.held.splice(0)) {
      this.fire('late-upload', UPLOAD_PATH);
      await again().catch(() => undefined);
    }
  }
}
