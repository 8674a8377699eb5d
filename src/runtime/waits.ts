/** Float64 words of a thread: its number alone on a cache line. */
const line = 8;

export const waitBytes = line * 8;

/** Of each thread, how long it has waited for work since the training began, ms. A thread adds to its own, anyone may look. */
export class Waits {
  readonly #times: Float64Array;
  readonly #own: number;

  /** @param thread whose own time `add` adds to */
  constructor(buffer: SharedArrayBuffer, address: number, threads: number, thread = 0) {
    this.#times = new Float64Array(buffer, address, threads * line);
    this.#own = thread * line;
  }

  add(milliseconds: number): void {
    this.#times[this.#own]! += milliseconds;
  }

  /** `[threads]` */
  get times(): number[] {
    return Array.from({ length: this.#times.length / line }, (_, thread) => this.#times[thread * line]!);
  }
}
