import { Piscina } from 'piscina';
import type { UserError } from '../errors.js';
import { type Answer, resultOf } from './answer.js';
import { machineFault, requireRuntime, threadEnded } from './machine.js';

export interface PoolOptions {
  /** Which of the files in `workers`, whose functions are `answering`. */
  readonly worker: 'train' | 'infer' | 'image';
  readonly minThreads: number;
  readonly maxThreads: number;
  readonly tasksPerThread: number;
  /** What each thread is given once. */
  readonly workerData?: unknown;
  /** Whether threads wait for a task by blocking: quickest, but then nothing that is asynchronous in them goes on. */
  readonly blocks: boolean;
  /** Told when a thread that has no task has ended of itself. */
  readonly onDeath?: (cause: UserError) => void;
}

/** A Piscina pool. Whatever goes wrong in it is a UserError, unless it is a fault of ours. Close it after use. */
export class ThreadPool {
  readonly #pool: Piscina<unknown, Answer<unknown>>;

  /** @throws UserError (exit code environment) where Node or the system let no thread start */
  constructor({ worker, tasksPerThread, blocks, onDeath, ...options }: PoolOptions) {
    requireRuntime();
    try {
      this.#pool = new Piscina({
        ...options,
        filename: new URL(`../workers/${worker}.js`, import.meta.url).href,
        // A thread stays once it is started.
        idleTimeout: Number.POSITIVE_INFINITY,
        concurrentTasksPerWorker: tasksPerThread,
        ...(!blocks && { atomics: 'disabled' }),
        // Piscina tries `require` before `import`, and Node 20 aborts the whole process where a thread that is loading an ES module by
        // `require` is ended: as the one is that takes a dead thread's place while the pool is closed.
        execArgv: ['--no-experimental-require-module'],
      });
    } catch (error) {
      throw machineFault(error) ?? error;
    }
    // A thread that ends between two tasks is replaced; the end of one that has a task is the task's.
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
