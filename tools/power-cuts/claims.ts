/**
 * The oracle's plain model: what a token has promised, and the arithmetic of docs/spec/log.md that says which batches a ring
 * of pages must still hold. It shares no code with the log.
 */

export interface Claims {
  /** Batches acknowledged so far: the index of the next one. */
  next: number;
  /** The oldest batch that must still be there; `next` for none. */
  first: number;
  /** Which refill is in force, counted by the bench; 0 for none. */
  refill: number;
  isWiped: boolean;
  /** Version of the signed configuration in force; 0 for none. */
  configuration: number;
  /** Number of the firmware version that starts next. */
  image: number;
}

export const NOTHING: Claims = { next: 0, first: 0, refill: 0, isWiped: false, configuration: 0, image: 0 };

const PAGE_HEADER = 24;
/** Header, tag and checksum of a batch. */
const BATCH_OVERHEAD = 20;
const KEEP_DAYS = 14;

interface RingPage {
  day: number;
  first: number;
  used: number;
}

/** Which batches are to be found in a log of so many pages. */
export class Ring {
  private pages: RingPage[] = [];
  private next = 0;
  /** Pages begun so far. */
  begun = 0;

  constructor(
    private readonly pageCount: number,
    private readonly pageSize: number,
  ) {}

  /** A batch of `length` plaintext bytes on NTP day `day`. */
  append(length: number, day: number): void {
    const size = BATCH_OVERHEAD + 4 * Math.ceil(length / 4);
    let page = this.pages[this.pages.length - 1];
    if (!page || page.day !== day || page.used + size > this.pageSize) page = this.begin(day);
    page.used += size;
    this.next += 1;
  }

  /** Begins a page, for which the oldest has to go when all are in use. */
  begin(day: number): RingPage {
    if (this.pages.length === this.pageCount) this.pages.shift();
    const page = { day, first: this.next, used: PAGE_HEADER };
    this.pages.push(page);
    this.begun += 1;
    return page;
  }

  /** Nothing more is written behind what a cut has torn. */
  close(): void {
    const page = this.pages[this.pages.length - 1];
    if (page) page.used = this.pageSize;
  }

  clone(): Ring {
    const clone = new Ring(this.pageCount, this.pageSize);
    clone.pages = this.pages.map((page) => ({ ...page }));
    clone.next = this.next;
    return clone;
  }

  /** Forgets what is older than 14 days on day `today`. */
  expire(today: number): void {
    while (this.pages.length > 0 && this.pages[0]!.day < today - KEEP_DAYS) this.pages.shift();
  }

  get nextIndex(): number {
    return this.next;
  }

  get first(): number {
    return this.pages[0]?.first ?? this.next;
  }
}
