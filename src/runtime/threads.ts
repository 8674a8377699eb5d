import { UserError } from '../errors.js';
import type { Platform, WorkerThreads } from '../platform/platform.js';
import type { Phase, PhaseResult } from './phase.js';
import type { WorkQueue } from './queue.js';
import type { WorkerResult, WorkerSetup } from './setup.js';

/** The threads of a training: a pool that is handed a phase at a time, a task for each worker. */
export class Threads {
  readonly #pool: WorkerThreads;
  readonly #count: number;
  readonly #queue: WorkQueue;
  /** Set when a thread has ended of itself: it takes no task any more, so nobody may wait for one. */
  #death: UserError | undefined;
  #onDeath = (_: UserError): void => {};

  constructor(setup: WorkerSetup, queue: WorkQueue, platform: Platform) {
    this.#count = setup.threads;
    this.#queue = queue;
    this.#pool = platform.startThreads(setup, (death) => {
      queue.cancel();
      this.#death = death;
      this.#onDeath(death);
    });
  }

  /** @throws UserError if a thread has ended, or samples cannot be read */
  async run(phase: Phase): Promise<PhaseResult> {
    if (this.#death !== undefined) throw this.#death;
    const tasks = Array.from({ length: this.#count }, (_, worker) => this.#pool.run({ worker, phase }));
    // If a thread throws or dies, the others wait for its items in vain: cancel the phase, and let all of them end before throwing.
    for (const task of tasks) task.catch(() => this.#queue.cancel());
    const outcomes = await this.#whileAlive(Promise.allSettled(tasks));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    const results = outcomes.map((outcome) => (outcome as PromiseFulfilledResult<WorkerResult>).value);
    const fault = results.find((result) => result.fault !== undefined)?.fault;
    if (fault !== undefined) throw new UserError(fault.message, fault.exitCode);
    return results[0]!.result!;
  }

  /**
   * Rejected when a thread dies before. (No Promise.race: a promise as long-lived as the pool would keep every phase's outcome in memory.)
   */
  #whileAlive<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#onDeath = reject;
      void work.then(resolve);
    });
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
