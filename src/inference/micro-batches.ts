import { lanes } from '../kernels/kernels.js';

/** Tasks per thread at once: one goes on while the other waits for sharp. */
const tasksPerThread = 2;

/**
 * Puts requests together into micro-batches of up to 8, which take a thread as long to compute as one image does.
 *
 * Nobody waits for a batch to fill: requests of one turn of the event loop go together, and what comes while all threads work is put
 * together until one is free. A thread that works gets a second task only if it is a full batch. So an idle pool answers at once, and a
 * busy one computes 8 at a time.
 */
export class MicroBatches<Job> {
  readonly #threads: number;
  readonly #run: (jobs: readonly Job[], alone: boolean) => Promise<readonly Job[]>;
  #waiting: Job[] = [];
  /** Those that are tried again while nothing else runs; see `inChunks`. */
  readonly #again: Job[] = [];
  #running = 0;
  /** Whether what runs is tried again, so that nothing may run beside it. */
  #isAlone = false;
  #isScheduled = false;
  readonly #onIdle: (() => void)[] = [];

  /** @param run answers jobs, and gives those that must be run alone. Must not reject. */
  constructor(threads: number, run: (jobs: readonly Job[], alone: boolean) => Promise<readonly Job[]>) {
    this.#threads = threads;
    this.#run = run;
  }

  add(job: Job): void {
    this.#waiting.push(job);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#start();
    });
  }

  /** Forgets those of `jobs` that have not been started. */
  remove(jobs: ReadonlySet<Job>): void {
    if (jobs.size > 0) this.#waiting = this.#waiting.filter((job) => !jobs.has(job));
  }

  /** Resolves when all jobs have been answered. */
  async idle(): Promise<void> {
    if (this.#running + this.#waiting.length + this.#again.length === 0) return;
    await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  #start(): void {
    if (this.#isAlone) return;
    if (this.#again.length > 0) {
      if (this.#running === 0) void this.#task(this.#again.splice(0, 1), true);
      return;
    }
    while (this.#waiting.length > 0 && this.#hasPlace())
      void this.#task(this.#waiting.splice(0, lanes), false);
    if (this.#running === 0 && this.#waiting.length === 0)
      for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  #hasPlace(): boolean {
    const full = this.#waiting.length >= lanes;
    return this.#running < (full ? tasksPerThread : 1) * this.#threads;
  }

  async #task(jobs: readonly Job[], alone: boolean): Promise<void> {
    this.#running++;
    this.#isAlone = alone;
    const again = await this.#run(jobs, alone);
    this.#running--;
    this.#isAlone = false;
    this.#again.push(...again);
    this.#start();
  }
}
