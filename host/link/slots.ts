/** A bounded number of things at a time, in the order in which they were asked for. */
export class Slots {
  #free: number;
  #queue: { count: number; start: () => void }[] = [];

  constructor(readonly count: number) {
    this.#free = count;
  }

  /** Waits for `count` slots; the result gives them back. */
  async take(count: number): Promise<() => void> {
    await new Promise<void>((start) => {
      this.#queue.push({ count, start });
      this.#serve();
    });
    return () => {
      this.#free += count;
      this.#serve();
    };
  }

  #serve(): void {
    for (let first = this.#queue[0]; first !== undefined && first.count <= this.#free; first = this.#queue[0]) {
      this.#queue.shift();
      this.#free -= first.count;
      first.start();
    }
  }
}
