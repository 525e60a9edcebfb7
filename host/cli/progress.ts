/** Where a visit is, on stderr: one line that renews itself on a terminal, a line a step elsewhere. */
import { stepSentences } from '../catalogue/cli.js';
import type { InstallEvent } from '../install/install.js';
import type { VisitEvent } from '../link/visit/visit.js';
import type { SeekEvent } from './seek.js';
import type { Terminal } from './terminal.js';

const CLEAR_LINE = '\r\u001b[K';

export class Progress {
  private lastStep = '';
  private isLineOpen = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly isQuiet: boolean,
  ) {}

  readonly show = (event: VisitEvent | InstallEvent | SeekEvent): void => {
    if (this.isQuiet) return;
    const { step, ...figures } = event;
    const line = this.terminal.say(stepSentences[step], figures);
    const { stderr } = this.terminal.world;
    if (stderr.isTTY === true) {
      stderr.write(`${CLEAR_LINE}${line}`);
      this.isLineOpen = true;
    } else if (step !== this.lastStep) {
      stderr.write(`${line}\n`);
    }
    this.lastStep = step;
  };

  /** Takes the line away, for the result. */
  end(): void {
    if (this.isLineOpen) this.terminal.world.stderr.write(CLEAR_LINE);
    this.isLineOpen = false;
  }
}
