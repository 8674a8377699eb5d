import { Piscina } from 'piscina';
import { ExitCode, UserError } from '../errors.js';
import type { Control } from './control.js';
import type { LoaderSetup } from './loader.js';
import type { Phase, PhaseResult } from './phase.js';
import type { WorkerSetup, WorkerTask } from './worker.js';

/** Workers that one thread can read samples for: it takes some 2 us a sample, they about 30 (LeNet-5). */
const workersPerLoader = 4;

/** The threads of a training: a Piscina pool of workers, and, where not all samples stay in memory, one of loaders. */
export class Threads {
  readonly #workers: Piscina<WorkerTask, PhaseResult | undefined>;
  readonly #loaders: Piscina<Phase, string | undefined> | undefined;
  readonly #count: number;
  readonly #control: Control;
  /** Rejected when a thread ends of itself; it takes no task any more, so nobody may wait for one. */
  readonly #died: Promise<never>;

  /** @param loading what loaders are given, where there is something to load */
  constructor(setup: WorkerSetup, control: Control, loading: LoaderSetup | undefined) {
    const { threads } = setup;
    this.#count = threads;
    this.#control = control;
    this.#workers = openPool(setup.trace === undefined ? 'train' : 'profile', setup, threads);
    this.#loaders = loading && openPool('load', loading, Math.ceil(threads / workersPerLoader));
    this.#died = new Promise((_, reject) => {
      for (const pool of [this.#workers, this.#loaders]) {
        pool?.on('error', (cause: Error) => {
          control.callOff();
          reject(threadEnded(cause));
        });
      }
    });
    this.#died.catch(() => {}); // whoever runs a phase hears of it
  }

  /**
   * @param streams whether samples have to be loaded on the way
   * @throws UserError if a thread has ended, or the samples cannot be read
   */
  async run(phase: Phase, streams: boolean): Promise<PhaseResult> {
    const loads = streams
      ? Array.from({ length: this.#loaders!.threads.length }, () =>
          this.#loaders!.run(phase).then(this.#unread),
        )
      : [];
    const works = Array.from({ length: this.#count }, (_, rank) => this.#workers.run({ rank, phase }));
    const tasks = [...loads, ...works];
    // If a thread dies, the others wait for its items in vain: call the phase off, and let all of them end before saying so.
    for (const task of tasks) task.catch(() => this.#control.callOff());
    const outcomes = await Promise.race([Promise.allSettled(tasks), this.#died]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw isThreadsEnd(failed.reason) ? threadEnded(failed.reason) : failed.reason;
    return (outcomes[loads.length] as PromiseFulfilledResult<PhaseResult>).value;
  }

  async close(): Promise<void> {
    await Promise.all([this.#workers.destroy(), this.#loaders?.destroy()]);
  }

  readonly #unread = (fault: string | undefined): void => {
    if (fault !== undefined) throw new UserError(fault, ExitCode.data);
  };
}

function openPool<Task, Result>(file: string, workerData: object, threads: number): Piscina<Task, Result> {
  return new Piscina({
    filename: new URL(`../workers/${file}.js`, import.meta.url).href,
    workerData,
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    concurrentTasksPerWorker: 1,
  });
}

/** Whether a task failed since its thread ended, and not by a fault of its own. */
const isThreadsEnd = (reason: unknown): reason is Error =>
  reason instanceof Error &&
  (reason.message.startsWith('worker exited') ||
    (reason as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY');

const threadEnded = (cause: Error): UserError =>
  new UserError(
    `a worker thread ended: ${cause.message}. What was saved is good; if memory is short, use fewer --threads`,
    ExitCode.environment,
    { cause },
  );
