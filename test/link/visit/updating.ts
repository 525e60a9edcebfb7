/** A stage whose token judges what is signed with the device's own code, on firmware flash of its own. */
import type { TwinFlash } from '../../../device/boards/twin/flash.js';
import { LIFE_BLANK } from '../../../device/link/messages.js';
import { selectImage } from '../../../device/update/select.js';
import { createUpdate } from '../../../device/update/update.js';
import { versionNumber, versionText } from '../../../device/update/versions.js';
import { nodeDigest } from '../../../host/crypto.js';
import { GaletError } from '../../../host/errors.js';
import { introduce } from '../../../host/link/visit/update.js';
import { START } from '../../support/fleet.js';
import { configuration, type ReleaseFields, release, root } from '../../support/release-keys.js';
import { installed } from '../../support/updates.js';
import { type Knife, Stage } from './scripted.js';

/** What the scripted token calls its board. */
const BOARD = 'scripted';
export const NEXT = '0.3.0';
export const GATEWAY = new Uint8Array(32).fill(0x77);

export const releaseFor = (fields: Partial<ReleaseFields> = {}) => release({ version: NEXT, board: BOARD, ...fields });

export class UpdatingStage extends Stage {
  slots: TwinFlash = installed();
  now = START;
  /** The version that the server lets the token go over to. */
  order = '';
  isHealthy = true;
  starts = 0;
  /** Questions that get no answer while the token starts. */
  silence = 0;
  /** What the token does when it is to start again; it starts when time passes, unless a test says otherwise. */
  onRestart = (): void => {
    this.isRestarting = true;
  };
  private isRestarting = false;

  constructor() {
    super();
    this.boot();
  }

  /** A token in use, of an authority that has published its first root, a configuration and a release. */
  static published(fields: Partial<ReleaseFields> = {}): UpdatingStage {
    const stage = new UpdatingStage();
    const { object, image } = releaseFor(fields);
    stage.counter.published = {
      roots: [root()],
      configuration: configuration({ gatewayKey: GATEWAY }),
      release: object,
    };
    stage.counter.releaseImage = image;
    stage.order = fields.version ?? NEXT;
    return stage;
  }

  /** What a power cut does, and what the token does by itself to go over to another image. */
  boot(): void {
    this.isRestarting = false;
    this.starts += 1;
    this.slots = this.slots.afterReset();
    const { image } = selectImage(this.slots);
    this.token.version = versionText(image?.version ?? 0);
    const firmware = { flash: this.slots, interpreter: '2v29', restart: () => {} };
    this.token.updates = createUpdate(nodeDigest, firmware, BOARD, this.token.version, {
      now: () => this.now,
      isBlank: () => this.token.life === LIFE_BLANK,
      order: () => ({ release: versionNumber(this.order), at: this.now }),
      isHealthy: () => this.isHealthy,
      configured: () => {},
      restart: () => this.onRestart(),
    });
  }

  override visit(knife?: Knife): ReturnType<Stage['visit']> {
    const visit = super.visit(knife);
    const { ask } = visit.token;
    visit.token.ask = async (name, fields) => {
      if (this.silence > 0) {
        this.silence -= 1;
        throw new GaletError('link-silent', { port: BOARD, seconds: 6 });
      }
      return await ask(name, fields);
    };
    const { wait } = visit;
    visit.wait = async (seconds) => {
      await wait(seconds);
      this.now += seconds;
      if (this.isRestarting) this.boot();
    };
    return visit;
  }
}

/** A stage whose token has been given the first root, as provisioning does. */
export async function introduced(stage = UpdatingStage.published()): Promise<UpdatingStage> {
  const { life } = stage.token;
  stage.token.life = LIFE_BLANK;
  await introduce(stage.visit(), BOARD);
  stage.token.life = life;
  stage.events.length = 0;
  stage.token.asked.length = 0;
  return stage;
}
