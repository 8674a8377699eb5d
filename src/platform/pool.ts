import { Piscina } from 'piscina';
import type { UserError } from '../errors.js';
import { type Answer, resultOf } from './answer.js';
import { machineFault, requireRuntime, threadEnded } from './machine.js';

export interface PoolOptions {
  /** The file in `workers`. Its functions must be wrapped by `answering`. */
  readonly worker: 'train' | 'infer' | 'image';
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly tasksPerThread: number;
  /** Passed to each thread when it starts. */
  readonly workerData?: unknown;
  /** Whether threads block while they wait for a task. Fastest, but asynchronous work in them then stops. */
  readonly blocks: boolean;
  /** Called when a thread without a task has ended by itself. */
  readonly onDeath?: (cause: UserError) => void;
}

/** A Piscina pool. Its errors are UserErrors, except bugs. Close it after use. */
export class ThreadPool {
  readonly #pool: Piscina<unknown, Answer<unknown>>;

  /** @throws UserError (exit code environment) where Node or the system cannot start a thread */
  constructor({ worker, tasksPerThread, blocks, onDeath, ...options }: PoolOptions) {
    requireRuntime();
    try {
      this.#pool = new Piscina({
        ...options,
        filename: new URL(`../workers/${worker}.js`, import.meta.url).href,
        // A started thread stays.
        idleTimeout: Number.POSITIVE_INFINITY,
        concurrentTasksPerWorker: tasksPerThread,
        ...(!blocks && { atomics: 'disabled' }),
        // Piscina tries `require` before `import`. Node 20 aborts the process if a thread is terminated while it loads an ES module by
        // `require`, which happens to a dead thread's replacement when the pool is closed.
        execArgv: ['--no-experimental-require-module'],
      });
    } catch (error) {
      throw machineFault(error) ?? error;
    }
    // A thread that ends between tasks is replaced. If it has a task, the task fails instead.
    this.#pool.on('error', (error: Error) => onDeath?.(threadEnded(error)));
  }

  /**
   * @param name of the worker's function
   * @throws UserError as the thread threw it; exit code environment where the thread ended
   */
  async run<T, R>(task: T, name = 'default'): Promise<R> {
    let answer: Answer<unknown>;
    try {
      answer = await this.#pool.run(task, { name });
    } catch (error) {
      throw machineFault(error) ?? error;
    }
    return resultOf(answer) as R;
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
