/**
 * What is known of the log's pages, packed: a list of objects would cost a board nine blocks of memory a page, a fifth of
 * all it has when the log is full.
 */

export interface Page {
  /** Where it lies, 0 to 255. */
  page: number;
  /** Rises with each page that is begun. */
  sequence: number;
  /** NTP day, below 2^16 until the year 2079. */
  day: number;
  timeline: number;
  /** Index of its first batch, and the records in all batches before that. */
  firstIndex: number;
  recordsBefore: number;
}

/** Pages in the order in which they were begun: 0 is the oldest. */
export interface PageTable {
  count(): number;
  at(position: number): Page;
  newest(): Page | undefined;
  firstIndex(position: number): number;
  /** Puts a page behind all others. */
  push(page: Page): void;
  remove(position: number): void;
  clear(): void;
}

/** Room for `capacity` pages, at most 256. */
export function createPageTable(capacity: number): PageTable {
  const places = new Uint8Array(capacity);
  const timelines = new Uint8Array(capacity);
  const days = new Uint16Array(capacity);
  const sequences = new Uint32Array(capacity);
  const firsts = new Uint32Array(capacity);
  const records = new Uint32Array(capacity);
  let count = 0;

  function at(position: number): Page {
    return {
      page: places[position] as number,
      sequence: sequences[position] as number,
      day: days[position] as number,
      timeline: timelines[position] as number,
      firstIndex: firsts[position] as number,
      recordsBefore: records[position] as number,
    };
  }

  return {
    count: () => count,
    at,
    newest: () => (count > 0 ? at(count - 1) : undefined),
    firstIndex: (position) => firsts[position] as number,
    push(page) {
      places[count] = page.page;
      sequences[count] = page.sequence;
      days[count] = page.day;
      timelines[count] = page.timeline;
      firsts[count] = page.firstIndex;
      records[count] = page.recordsBefore;
      count += 1;
    },
    remove(position) {
      places.set(places.subarray(position + 1, count), position);
      timelines.set(timelines.subarray(position + 1, count), position);
      days.set(days.subarray(position + 1, count), position);
      sequences.set(sequences.subarray(position + 1, count), position);
      firsts.set(firsts.subarray(position + 1, count), position);
      records.set(records.subarray(position + 1, count), position);
      count -= 1;
    },
    clear() {
      count = 0;
    },
  };
}
