import {
  clearWorkers,
  evaluationBatchOf,
  evaluationItemMicroBatches,
  type MemoryPlan,
} from '../compile/memory-plan.js';
import { planThreads } from '../compile/plan-threads.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { type PackedDataset, type SplitName, splitNames } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';
import { buildNetwork, type Network, requireBatchStatistics, requireClasses } from '../graph/network.js';
import type { KernelEngine } from '../kernels/compile.js';
import type { CompiledKernels, SharedMemory } from '../kernels/kernels.js';
import type { Platform } from '../platform/platform.js';
import { AllReduce } from './allreduce.js';
import { cutBatch, ownSamples } from './batch.js';
import { requireClassWeights } from './class-weights.js';
import { fillMemory } from './fill-memory.js';
import { type Group, memoryOf, shareOf } from './group.js';
import { Metrics } from './metrics.js';
import { Orders } from './orders.js';
import { nothingDone, type Phase, type PhaseResult, type PhaseTotals, stepsOf } from './phase.js';
import { WorkQueue } from './queue.js';
import { labelsOf } from './resident.js';
import { Ring } from './ring.js';
import { Sent, type SentPerStep } from './sent.js';
import type { WorkerSetup } from './setup.js';
import { Tensors } from './tensors.js';
import { Threads } from './threads.js';
import { verifyResident } from './verify-resident.js';
import { Waits } from './waits.js';

export interface EngineOptions {
  /** At most; the engine has fewer where there is no memory for the gradients of so many: see `planThreads`. */
  readonly threads: number;
  /** Bytes of the shared memory at most: samples beyond them stay in their file. By default what `sharedMemoryLimit` says. */
  readonly sharedBytes?: number | undefined;
  /** Memory for each thread's record of what it does, if a profile wants one. */
  readonly trace?: WorkerSetup['trace'];
  /** Where this process is one of several ranks. Rank 0's engine is told what to do, the others `follow` it. */
  readonly group?: Group | undefined;
}

/**
 * The engine as the main thread sees it: the shared memory, and a pool of threads to which it hands one phase (an epoch, an evaluation, or
 * a part of one) after the other, as a task for each worker. Between two phases all memory is the main thread's; while one runs, `progress`
 * may read it.
 */
export class Engine {
  readonly network: Network;
  /** Weights, gradients and what the optimizer keeps. */
  readonly tensors: Tensors;
  readonly threads: number;
  /** Where this process is one of several ranks. */
  readonly group: Group | undefined;
  /** What runs the kernels. */
  readonly kernels: KernelEngine;
  /** The compiled kernels, for a network in other memory than the engine's. */
  readonly compiled: CompiledKernels;
  readonly #platform: Platform;
  readonly #config: ResolvedConfig;
  readonly #plan: MemoryPlan;
  readonly #memory: SharedMemory;
  readonly #queue: WorkQueue;
  readonly #metrics: Metrics;
  readonly #ring: Ring;
  readonly #dataset: PackedDataset;
  readonly #threads: Threads;
  readonly #orders: Orders | undefined;
  /** Whether the weights were written since the last phase, but by it. */
  #weightsChanged = true;
  /** The checksums of each split whose resident samples are not yet checked against them. */
  readonly #unverified: Map<SplitName, Uint32Array>;
  /** Whether the last phase was one of training. */
  #wasTraining: boolean | undefined;
  /** Splits of which a pass was begun here, and those of which one was finished: all of their samples have been read. */
  readonly #begun = new Set<SplitName>();
  readonly #verified = new Set<SplitName>();

  /** Plan the memory, start the threads, read the dataset, and give the parameters their initial values. */
  constructor(config: ResolvedConfig, dataset: PackedDataset, options: EngineOptions, platform: Platform) {
    const { sharedBytes, trace, group } = options;
    this.#platform = platform;
    this.group = group;
    this.#config = config;
    this.#dataset = dataset;
    this.network = buildNetwork(config.model.layers, dataset.sampleShape, config.training.freeze);
    requireClasses(this.network, config.model.layers, dataset.classes.length);
    requireBatchStatistics(this.network, dataset.splits.train.samples, config.training.batchSize);
    requireClassWeights(config.loss.classWeights, this.network.classes);
    const share = group && shareOf(group);
    const machine = memoryOf(platform.memory, group);
    const wanted = { threads: options.threads, sharedBytes, machine, share };
    const { threads, plan } = planThreads(this.network, dataset, config, wanted);
    this.threads = threads;
    this.#plan = plan;
    this.#memory = platform.createSharedMemory(this.#plan.bytes);
    this.tensors = new Tensors(this.#memory.buffer, this.#plan, this.network, config.optimizer);
    const { cores } = platform;
    this.#queue = new WorkQueue(this.#memory.buffer, this.#plan.queue, threads, cores);
    this.#metrics = new Metrics(this.#memory.buffer, this.#plan, share?.rank);
    this.#ring = new Ring(this.#memory.buffer, this.#plan, this.#queue);
    const { kernels, engine } = platform.compileKernels();
    this.kernels = engine;
    this.compiled = kernels;
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
      ...(this.#plan.ring.samples > 0 && { streamed: dataset }),
      ...(group && { ranks: group.setup }),
    };
    this.#threads = new Threads(setup, this.#queue, platform);
    try {
      this.#unverified = fillMemory(
        this.#memory.buffer,
        this.#plan,
        config,
        dataset,
        this.network,
        this.tensors,
        platform,
      );
      this.#orders = group && new Orders(group, this.tensors.bytes);
    } catch (error) {
      void this.close();
      throw error;
    }
  }

  get config(): ResolvedConfig {
    return this.#config;
  }

  /** Steps of an epoch. */
  get steps(): number {
    return this.#plan.steps;
  }

  /**
   * An epoch of training, epochs count from 1, or a part of it.
   * @param done what the epoch's earlier parts gave
   * @param endStep the step to stop before
   * @param rateReduction what the learning rate is multiplied by: see `Plateau`
   */
  train(
    epoch: number,
    done: PhaseResult = nothingDone,
    endStep = this.steps,
    rateReduction = 1,
  ): Promise<PhaseResult> {
    const { batchSize, sampler } = this.#config.training;
    const { samples } = this.#dataset.splits.train;
    const phase: Phase = {
      training: true,
      split: 'train',
      epoch,
      samples,
      batchSize: Math.max(1, Math.min(batchSize, samples)),
      firstStep: done.steps,
      endStep,
      itemMicroBatches: this.#plan.itemMicroBatches,
      sampler,
      rateReduction,
      // A balanced epoch need not come to every sample, nor does one of several ranks.
      verify: !this.#verified.has('train') || sampler === 'balanced' || this.group !== undefined,
    };
    return this.#run(phase, done);
  }

  /** Loss and hits of the model, see `modelWeight`, over a split; `done` as in `train`. */
  async evaluate(split: SplitName, done: PhaseResult = nothingDone): Promise<PhaseResult> {
    const { samples } = this.#dataset.splits[split];
    const batchSize = Math.max(1, Math.min(evaluationBatchOf(this.#dataset), samples));
    const phase: Phase = {
      training: false,
      split,
      epoch: 0,
      samples,
      batchSize,
      firstStep: done.steps,
      endStep: Math.ceil(samples / batchSize),
      itemMicroBatches: evaluationItemMicroBatches,
      sampler: 'sequential',
      rateReduction: 1,
      verify: !this.#verified.has(split),
    };
    return this.#run(phase, done);
  }

  /** A rank other than 0: takes part in all phases of rank 0's engine, until that is closed. */
  async follow(): Promise<void> {
    for (let next = await this.#orders!.next(); next !== undefined; next = await this.#orders!.next())
      await this.#take(next.phase, next.done);
  }

  /** Rank 0, once all ranks have their engines: from now on the others `follow` this one. */
  lead(): void {
    this.#orders?.rest();
  }

  /** To be called after weights or slots were written: other ranks get them before the next phase. */
  changed(): void {
    this.#weightsChanged = true;
  }

  /**
   * Of the last evaluation, which was one of this whole split: the mean of the recalls, 0 to 1, of the classes that have a sample in it, in
   * their order. A class without one counts for nothing.
   */
  balancedTop1(split: SplitName): number {
    const samples = new Uint32Array(this.network.classes);
    for (const label of labelsOf(this.#memory.buffer, this.#plan, this.#dataset, split)) samples[label]!++;
    let sum = 0;
    let classes = 0;
    for (const [label, hits] of this.#metrics.classHits.entries()) {
      if (samples[label] === 0) continue;
      sum += hits / samples[label]!;
      classes++;
    }
    return sum / classes;
  }

  /** Let the phase that is running end after its step in progress. Where none runs it does nothing. */
  halt(): void {
    this.#queue.halt();
  }

  /** Numbers of the classes that have no sample in a split. */
  emptyClasses(split: SplitName): number[] {
    const there = new Set(labelsOf(this.#memory.buffer, this.#plan, this.#dataset, split));
    return Array.from({ length: this.network.classes }, (_, label) => label).filter(
      (label) => !there.has(label),
    );
  }

  /** Samples of all splits, and those of them that stay in memory. */
  get memory(): { readonly samples: number; readonly resident: number } {
    const total = (of: (name: SplitName) => number) => splitNames.reduce((sum, name) => sum + of(name), 0);
    return {
      samples: total((name) => this.#dataset.splits[name].samples),
      resident: total((name) => this.#plan.splits[name].resident),
    };
  }

  /** Of each thread, how long it has waited for work so far, ms. */
  get waited(): number[] {
    return new Waits(this.#memory.buffer, this.#plan.waits, this.#plan.workers.length).times;
  }

  /** A rank's part of a mini-batch's samples, 0 to 1. */
  shareOf(rank: number): number {
    const { itemMicroBatches, ranks } = this.#plan;
    const { batchSize } = this.#config.training;
    const cut = cutBatch(batchSize, itemMicroBatches, { rank, ranks });
    const { begin, end } = ownSamples(cut, batchSize);
    return (end - begin) / batchSize;
  }

  /** What this rank sends in a step of training or an evaluation, on average so far. */
  get sentPerStep(): SentPerStep {
    return new Sent(this.#memory.buffer, this.#plan.rankSent).perStep;
  }

  /** Of each rank, how long its coordinator has waited for others so far, ms. */
  get rankWaited(): number[] {
    return [...new Float64Array(this.#memory.buffer, this.#plan.rankWaits, this.#plan.ranks)];
  }

  /** How far the phase that is running has come. */
  get progress(): { readonly totals: PhaseTotals; readonly steps: number } {
    return { totals: this.#metrics.totals, steps: this.#metrics.steps };
  }

  /** The losses of the last epoch's steps, from `first` to before `end`: nats, summed over the batch, each sample's times its weight. */
  stepLosses(first: number, end: number): Float64Array {
    return this.#metrics.stepLosses(first, end);
  }

  async close(): Promise<void> {
    await this.#orders?.end();
    await this.#threads.close();
  }

  async #run(phase: Phase, done: PhaseResult): Promise<PhaseResult> {
    await this.#orders?.begin(phase, done, this.#weightsChanged);
    this.#weightsChanged = false;
    return this.#take(phase, done);
  }

  /** This process's part of a phase. */
  async #take(phase: Phase, done: PhaseResult): Promise<PhaseResult> {
    const averages = !phase.training && this.tensors.hasAverage;
    if (averages) this.tensors.exchangeAverage();
    try {
      const result = await this.#compute(phase, done);
      await this.#orders?.compare(phase, this.#platform.files.checksum(this.tensors.bytes));
      return result;
    } finally {
      if (averages) this.tensors.exchangeAverage();
    }
  }

  async #compute(phase: Phase, done: PhaseResult): Promise<PhaseResult> {
    this.#queue.reset();
    // By the main thread: a worker's next phase may run on another thread than its last.
    if (this.#wasTraining === !phase.training)
      clearWorkers(this.#memory.buffer, this.network, this.#plan, phase.training);
    this.#wasTraining = phase.training;
    this.#ring.reset(phase);
    this.#metrics.reset(done.totals, done.steps);
    AllReduce.reset(this.#memory.buffer, this.#plan);
    const [result, fault] = await Promise.all([this.#threads.run(phase), this.#verify(phase)]);
    if (fault !== undefined) throw new UserError(fault, ExitCode.data);
    if (phase.firstStep === 0) this.#begun.add(phase.split);
    if (result.steps === stepsOf(phase) && this.#begun.has(phase.split)) this.#verified.add(phase.split);
    return result;
  }

  /** Each split once, while its first phase runs. */
  async #verify({ split }: Phase): Promise<string | undefined> {
    const checksums = this.#unverified.get(split);
    if (checksums === undefined) return undefined;
    this.#unverified.delete(split);
    const { buffer } = this.#memory;
    const fault = await verifyResident(buffer, this.#plan, this.#dataset, split, checksums, this.#platform);
    if (fault !== undefined) this.#queue.cancel();
    return fault;
  }
}
