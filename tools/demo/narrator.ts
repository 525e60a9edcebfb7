/** Tells the story, one sentence a step, with progress for the long ones. */
import { fill, type Language } from '../../host/catalogue/catalogue.js';
import { type DemoSentence, demoSentences } from '../../host/catalogue/demo.js';

type Parameters = Record<string, string | number>;

export class Narrator {
  private isOnProgress = false;

  /** `terminal` says whether a line can be written over; elsewhere progress is left out. */
  constructor(
    readonly language: Language,
    private readonly write: (text: string) => void,
    private readonly terminal: boolean,
  ) {}

  sentence(key: DemoSentence, parameters: Parameters = {}): string {
    return fill(demoSentences[key][this.language], parameters);
  }

  /** A sentence of its own, after the house's clock where it belongs to a moment (seconds since the day began). */
  say(key: DemoSentence, parameters: Parameters = {}, houseTime?: string): void {
    this.line(`${(houseTime ?? '').padEnd(7)}${this.sentence(key, parameters)}`);
  }

  line(text: string): void {
    this.clear();
    this.write(`${text}\n`);
  }

  progress(done: number, total: number): void {
    if (!this.terminal) return;
    const width = 30;
    const filled = Math.round((width * done) / Math.max(total, 1));
    this.write(`\r       [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${total}`);
    this.isOnProgress = true;
    if (done >= total) this.clear();
  }

  private clear(): void {
    if (this.isOnProgress) this.write(`\r${' '.repeat(60)}\r`);
    this.isOnProgress = false;
  }
}
