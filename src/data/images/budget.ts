/** Limits the memory of the images that a thread decodes at the same time. */

/** Bytes per thread of the pool. A thread keeps two cores busy. */
const ofThread = 128 * 2 ** 20;

/** Thrown for an image that must be decoded while no other one is: it exceeds the budget, or damage would not show otherwise. */
export class LookAtAlone extends Error {
  constructor() {
    super('it is looked at alone');
  }
}

/** The budget of one thread. */
export class Budget {
  /** Larger files are not read while others are decoded: reading takes memory before the image's needs are known. */
  readonly largestFile = ofThread / 4;
  #free = ofThread;
  readonly #waiting: (() => void)[] = [];

  /** Waits until `bytes` are free, then runs `use`. Throws a `LookAtAlone` where `bytes` exceed the whole budget. */
  async with<T>(bytes: number, use: () => Promise<T>): Promise<T> {
    if (bytes > ofThread) throw new LookAtAlone();
    while (bytes > this.#free) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#free -= bytes;
    try {
      return await use();
    } finally {
      this.#free += bytes;
      for (const resolve of this.#waiting.splice(0)) resolve();
    }
  }
}
