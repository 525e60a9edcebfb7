/**
 * `--air ble`: five tokens as real processes with real Bluetooth, on BlueZ's controller emulator. They meet over HCI adverts, and are
 * served at the counter over GATT. Only what the emulator lacks is made up: how strongly they hear each other.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NtpClock } from '../../host/clock.js';
import { nodeRandom } from '../../host/crypto.js';
import { connectKiosk } from '../../host/kiosk/client.js';
import { type Asking, type CounterRadio, openCounterRadio } from '../../host/link/ble/counter-radio.js';
import { TokenLink } from '../../host/link/client.js';
import type { Counter } from '../../host/link/visit/counter.js';
import { reportContacts } from '../../host/link/visit/report.js';
import { synchronise } from '../../host/link/visit/synchronise.js';
import type { Visit, VisitEvent } from '../../host/link/visit/visit.js';
import { provisionToken } from '../../host/provision/provision.js';
import { type EmulatedAir, startAir } from '../air/btvirt.js';
import { Room } from '../air/room.js';
import type { Point } from '../simulate/radio.js';
import type { Narrator } from './narrator.js';
import { type Servers, startServers } from './servers.js';
import { TokenChild } from './token-child.js';

/** The dining room, and another one thirty metres on. Metres. */
const SEATS: { name: string; place: Point; isNear: boolean }[] = [
  { name: 'Madeleine', place: { x: 0, y: 0 }, isNear: true },
  { name: 'Lucien', place: { x: 1, y: 0 }, isNear: true },
  { name: 'Odette', place: { x: 0, y: 1 }, isNear: true },
  { name: 'Marcel', place: { x: 30, y: 0 }, isNear: false },
  { name: 'Rose', place: { x: 31, y: 0 }, isNear: false },
];
const COUNTER: Point = { x: 10, y: 5 };
const GAINS = { txGain: -15, rxGain: -5 };
/** How long they sit: two of ROBERT's windows. */
const TOGETHER_SECONDS = 130;
/** Two minutes are no danger by the reference's parameters, so here the authority is stricter: a sum of scores of 0.7. */
const PARAMETERS = { risk: { threshold: 0.005 } };
const SHORT_PRESS = 0.5;
const LONG_PRESS = 3.2;
const LOOK_SECONDS = 2;
const LOOKS = 15;
const COLOURS = 6;
const RECEIPT_SECONDS = 15;
/** A risk is told 10 to 60 minutes after the visit. */
const LATER_SECONDS = 3700;

export interface Met {
  tokens: { name: string; near: boolean; positive: boolean; warned: boolean }[];
  missed: string[];
  falseWarned: string[];
  linkBytes: number;
}

interface Sitter {
  name: string;
  isNear: boolean;
  flashFile: string;
  token: TokenChild;
}

/** The counter's desk in the room: each token is pressed, found over the air, and visited over GATT. */
class AirDesk {
  bytes = 0;
  private served = 0;

  constructor(
    private readonly radio: CounterRadio,
    private readonly counter: Counter,
  ) {}

  async visit<T>(
    token: TokenChild,
    work: (visit: Visit) => Promise<T>,
    progress: (event: VisitEvent) => void = () => {},
  ): Promise<T> {
    const carrier = await this.radio.open(await this.find(token));
    const link = new TokenLink(carrier);
    try {
      await link.ask('blink', { colour: this.served++ % COLOURS });
      const wait = (seconds: number): Promise<void> => sleep(seconds * 1000);
      return await work({ token: link, counter: this.counter, progress, wait });
    } finally {
      this.bytes += carrier.bytes.sent + carrier.bytes.received;
      await link.close();
    }
  }

  /** Who was served a moment ago may still ask, but blinks by then. */
  private async find(token: TokenChild): Promise<Asking> {
    for (let look = 0; look < LOOKS; look++) {
      token.press(SHORT_PRESS);
      const asking = (await this.radio.discover(LOOK_SECONDS)).find(({ colour }) => colour === undefined);
      if (asking !== undefined) return asking;
    }
    throw new Error('no token asks over the air');
  }
}

export class AirStory {
  private air: EmulatedAir | undefined;
  private room: Room | undefined;
  private radio: CounterRadio | undefined;
  private servers: Servers | undefined;
  private readonly sitters: Sitter[] = [];

  constructor(
    private readonly tell: Narrator,
    private readonly clock: NtpClock,
  ) {}

  /** Tells the story; `folder` takes all files. Throws where there is no emulator (`whyNoAir`). */
  async run(folder: string): Promise<Met> {
    const { tell } = this;
    this.air = await startAir();
    this.room = new Room(this.air, GAINS);
    this.servers = await startServers(folder, this.clock, PARAMETERS);
    const { backendUrl, kioskUrl, credential } = this.servers;
    tell.say('servers', { backend: backendUrl, kiosk: kioskUrl, folder });
    const kiosk = connectKiosk(kioskUrl);
    try {
      const adapter = await this.room.plug(COUNTER);
      this.radio = await openCounterRadio(adapter.path);
      const desk = new AirDesk(this.radio, kiosk);
      for (const { name, place, isNear } of SEATS) {
        const flashFile = join(folder, `${name.toLowerCase()}.flash`);
        const { path } = await this.room.plug(place);
        this.sitters.push({
          name,
          isNear,
          flashFile,
          token: await TokenChild.start({ flashFile, adapter: path, ...GAINS }),
        });
      }
      tell.say('airProvisioning');
      await this.each((sitter) =>
        desk.visit(sitter.token, (visit) => provisionToken(visit, { credential, random: nodeRandom })),
      );
      await this.sit();
      await this.report(desk, this.servers);
      tell.say('airOthers');
      await this.each((sitter, i) => (i === 0 ? Promise.resolve() : desk.visit(sitter.token, synchronise)));
      return await this.later(desk.bytes);
    } finally {
      kiosk.close();
    }
  }

  private async each(work: (sitter: Sitter, index: number) => Promise<unknown>): Promise<void> {
    for (const [done, sitter] of this.sitters.entries()) {
      this.tell.progress(done, this.sitters.length);
      await work(sitter, done);
    }
    this.tell.progress(this.sitters.length, this.sitters.length);
  }

  private async sit(): Promise<void> {
    this.tell.say('airTogether', { seconds: TOGETHER_SECONDS });
    for (let second = 0; second < TOGETHER_SECONDS; second++) {
      this.tell.progress(second, TOGETHER_SECONDS);
      await sleep(1000);
    }
    this.tell.progress(TOGETHER_SECONDS, TOGETHER_SECONDS);
  }

  private async report(desk: AirDesk, servers: Servers): Promise<void> {
    const { tell } = this;
    const [positive] = this.sitters;
    if (positive === undefined) return;
    const code = await servers.issueCode();
    tell.say('positive', { name: positive.name, code });
    let asked = false;
    const reported = await desk.visit(
      positive.token,
      (visit) => reportContacts(visit, { code, receiptSeconds: RECEIPT_SECONDS }),
      ({ step }) => {
        if (step !== 'consent' || asked) return;
        asked = true;
        tell.say('consent');
        void positive.token.shows('consent').then(() => positive.token.press(LONG_PRESS));
      },
    );
    tell.say('kept', { batches: reported.batches });
    tell.say(reported.outcome === 'delivered' ? 'receipted' : 'unreceipted');
    await servers.settle();
    tell.say('scored');
  }

  /** The tokens begin again with their clocks an hour on, and without an air: what do they show? */
  private async later(linkBytes: number): Promise<Met> {
    this.tell.say('airHour');
    const tokens: Met['tokens'] = [];
    for (const [i, sitter] of this.sitters.entries()) {
      await sitter.token.stop();
      sitter.token = await TokenChild.start({ flashFile: sitter.flashFile, ...GAINS, clock: LATER_SECONDS });
      const { name, isNear } = sitter;
      tokens.push({ name, near: isNear, positive: i === 0, warned: sitter.token.hasShown('at-risk') });
    }
    const others = tokens.filter(({ positive }) => !positive);
    return {
      tokens,
      missed: others.filter(({ near, warned }) => near && !warned).map(({ name }) => name),
      falseWarned: others.filter(({ near, warned }) => !near && warned).map(({ name }) => name),
      linkBytes,
    };
  }

  /** Ends everything that was started, however far the story came. */
  async close(): Promise<void> {
    await Promise.all(this.sitters.map(({ token }) => token.stop()));
    await this.radio?.close();
    await this.servers?.close();
    this.room?.close();
    await this.air?.close();
  }
}
