/** The memory of the images that a thread decodes at the same time. */

/** Bytes for a thread of the pool, which keeps two cores busy. */
const ofThread = 128 * 2 ** 20;

/** Thrown at an image that is to be decoded when no other one is: it is too large for the others' budget, or needs a careful look. */
export class LookAtAlone extends Error {
  constructor() {
    super('it is looked at alone');
  }
}

/** Of one thread. */
export class Budget {
  /** Larger files are not read beside others: their bytes take memory before their needs are known. */
  readonly largestFile = ofThread / 4;
  #free = ofThread;
  readonly #waiting: (() => void)[] = [];

  /** Runs `use` when `bytes` are free; throws a `LookAtAlone` where they exceed the budget. */
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
