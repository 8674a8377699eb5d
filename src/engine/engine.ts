import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { ResolvedConfig } from '../config/resolve.js';
import { bytesOfSample, type PackedDataset, type SplitName, splitNames } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';
import { readFully } from '../files/transfer.js';
import { compileKernels, type KernelEngine } from '../kernels/compile.js';
import { createSharedMemory } from '../kernels/kernels.js';
import { initialize } from '../model/initialize.js';
import { buildNetwork, type Network, type Parameter, requireClasses } from '../model/network.js';
import { Control } from './control.js';
import {
  evaluationBatch,
  evaluationItemShards,
  type MemoryPlan,
  planMemory,
  writeTables,
} from './memory-plan.js';
import { Metrics } from './metrics.js';
import type { Phase, PhaseResult, PhaseTotals } from './phase.js';
import { ReductionTree } from './tree.js';
import type { WorkerSetup, WorkerTask } from './worker.js';

/**
 * The engine as the main thread sees it: the shared memory, and a Piscina pool whose threads are handed a phase (an epoch, an
 * evaluation) each. Between two phases all memory is the main thread's; while one runs, `progress` may look at it.
 */
export class Engine {
  readonly network: Network;
  /** What runs the kernels. */
  readonly kernels: KernelEngine;
  readonly #config: ResolvedConfig;
  readonly #plan: MemoryPlan;
  readonly #memory: WebAssembly.Memory;
  readonly #control: Control;
  readonly #metrics: Metrics;
  readonly #dataset: PackedDataset;
  readonly #pool: Piscina<WorkerTask, PhaseResult | undefined>;
  readonly #threads: number;
  /** Rejected when a thread ends of itself; it takes no task any more, so nobody may wait for one. */
  readonly #died: Promise<never>;

  /**
   * Plan the memory, start the threads, read the dataset, and give the parameters their initial values.
   * @param trace memory for each thread's record of what it does, if a profile wants one
   */
  constructor(config: ResolvedConfig, dataset: PackedDataset, threads: number, trace?: WorkerSetup['trace']) {
    this.#config = config;
    this.#dataset = dataset;
    this.#threads = threads;
    this.network = buildNetwork(config.model.layers, dataset.sampleShape);
    requireClasses(this.network, dataset.classes.length);
    this.#plan = planMemory(this.network, dataset, config.training.batchSize, threads);
    this.#memory = createSharedMemory(this.#plan.bytes);
    const cores = availableParallelism();
    this.#control = new Control(this.#memory.buffer, this.#plan.control, threads, cores);
    this.#metrics = new Metrics(this.#memory.buffer, this.#plan);
    const { kernels, engine } = compileKernels();
    this.kernels = engine;
    const setup: WorkerSetup = {
      kernels,
      memory: this.#memory,
      plan: this.#plan,
      config,
      format: {
        sampleType: dataset.sampleType,
        sampleShape: dataset.sampleShape,
        normalization: dataset.normalization,
      },
      threads,
      cores,
      ...(trace && { trace }),
    };
    const task = trace === undefined ? 'train' : 'profile';
    this.#pool = new Piscina({
      filename: new URL(`../workers/${task}.js`, import.meta.url).href,
      workerData: setup,
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      concurrentTasksPerWorker: 1,
    });
    this.#died = new Promise((_, reject) => {
      this.#pool.on('error', (cause: Error) => {
        this.#control.callOff();
        reject(threadEnded(cause));
      });
    });
    this.#died.catch(() => {}); // whoever runs a phase hears of it
    try {
      this.#loadDataset();
    } catch (error) {
      void this.close();
      throw error;
    }
    writeTables(this.#memory.buffer, this.network, this.#plan);
    for (const [index, parameter] of this.network.parameters.entries()) {
      initialize(this.parameter(parameter), parameter, index, config.seed, this.network.input);
    }
  }

  /** One epoch of training; epochs count from 1. */
  train(epoch: number): Promise<PhaseResult> {
    const { batchSize, shuffle } = this.#config.training;
    return this.#run({
      training: true,
      split: 'train',
      epoch,
      samples: this.#dataset.splits.train.samples,
      batchSize,
      itemShards: this.#plan.itemShards,
      shuffle,
      learningRate: this.#config.optimizer.learningRate,
    });
  }

  /** Loss and hits over a split, with the parameters as they are. */
  evaluate(split: SplitName): Promise<PhaseResult> {
    return this.#run({
      training: false,
      split,
      epoch: 0,
      samples: this.#dataset.splits[split].samples,
      batchSize: evaluationBatch,
      itemShards: evaluationItemShards,
      shuffle: false,
      learningRate: 0,
    });
  }

  /** How far the phase that is running has come. */
  get progress(): { readonly totals: PhaseTotals; readonly steps: number } {
    return { totals: this.#metrics.totals, steps: this.#metrics.steps };
  }

  /** The values of a parameter, in place, flat. */
  parameter(p: Parameter): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#plan.parameters + p.offset * 4, p.size);
  }

  /** The optimizer's velocity for a parameter, in place, flat. */
  velocity(p: Parameter): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#plan.velocity + p.offset * 4, p.size);
  }

  /** The gradient of the last batch, summed over its samples, for a parameter, in place, flat. */
  gradient(p: Parameter): Float32Array {
    return new Float32Array(this.#memory.buffer, this.#plan.itemGradients[0]! + p.offset * 4, p.size);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #run(phase: Phase): Promise<PhaseResult> {
    this.#control.reset();
    this.#metrics.reset();
    ReductionTree.reset(this.#memory.buffer, this.#plan);
    const tasks = Array.from({ length: this.#threads }, (_, rank) => this.#pool.run({ rank, phase }));
    // If a thread dies, the others wait for its items in vain: call the phase off, and let all of them end before saying so.
    for (const task of tasks) task.catch(() => this.#control.callOff());
    const outcomes = await Promise.race([Promise.allSettled(tasks), this.#died]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw isThreadsEnd(failed.reason) ? threadEnded(failed.reason) : failed.reason;
    return (outcomes[0] as PromiseFulfilledResult<PhaseResult>).value;
  }

  #loadDataset(): void {
    const bytes = new Uint8Array(this.#memory.buffer);
    const { path, splits } = this.#dataset;
    const sampleBytes = bytesOfSample(this.#dataset);
    const file = openSync(path, 'r');
    const read = (at: number, length: number, position: number) => {
      if (readFully(file, bytes.subarray(at, at + length), position)) return;
      throw new UserError(`${path} is cut short; delete it, and it is made again`, ExitCode.data);
    };
    try {
      for (const name of splitNames) {
        const split = splits[name];
        const { samples, labels } = this.#plan.splits[name];
        read(samples, split.samples * sampleBytes, split.samplesOffset);
        read(labels, split.samples * 4, split.labelsOffset);
      }
    } finally {
      closeSync(file);
    }
  }
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
