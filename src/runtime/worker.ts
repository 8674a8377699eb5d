import type { MemoryPlan } from '../compile/memory-plan.js';
import type { ResolvedConfig } from '../config/resolve.js';
import type { PackedDataset, SampleFormat } from '../data/dataset.js';
import { buildNetwork, type Network } from '../graph/network.js';
import {
  type CompiledKernels,
  instantiateKernels,
  type Kernels,
  type SharedMemory,
} from '../kernels/kernels.js';
import { ReductionTree } from './allreduce.js';
import { type BatchCut, cutBatch } from './batch.js';
import { Metrics } from './metrics.js';
import { ShardRunner } from './micro-batch.js';
import { Optimizer } from './optimizers/optimizer.js';
import { type Phase, type PhaseResult, samplesOfStep, stepsOf } from './phase.js';
import { Loader, type LoadFault } from './prefetch.js';
import { Control } from './queue.js';
import { Ring } from './ring.js';
import { learningRateAt } from './schedule.js';
import { coordinate } from './step.js';
import { Waits } from './waits.js';

/** What every thread of the pool is given once. */
export interface WorkerSetup {
  readonly kernels: CompiledKernels;
  readonly memory: SharedMemory;
  readonly plan: MemoryPlan;
  readonly config: ResolvedConfig;
  readonly format: SampleFormat;
  readonly threads: number;
  readonly cores: number;
  /** Only while a profile looks on: each rank's memory for a record of what it does, see `profile/recorder.ts`. */
  readonly trace?: readonly SharedArrayBuffer[];
  /** Where samples do not all stay in memory: the dataset that they are read from. */
  readonly streamed?: PackedDataset;
}

/** What a worker is put together from. */
export interface WorkerParts {
  readonly network: Network;
  readonly kernels: Kernels;
}

export const partsOf = ({ config, format, kernels, memory }: WorkerSetup): WorkerParts => ({
  network: buildNetwork(config.model.layers, format.sampleShape),
  kernels: instantiateKernels(kernels, memory),
});

/** What a rank's part of a phase ends with. */
export interface WorkerResult {
  /** The coordinator's. */
  readonly result?: PhaseResult;
  /** What is wrong with the dataset's file, if anything is: the phase is called off in order, where an error would leave the others waiting. */
  readonly fault?: LoadFault;
}

/** What a thread is handed for a phase. Rank 0 is the coordinator. */
export interface WorkerTask {
  readonly rank: number;
  readonly phase: Phase;
}

/** One rank's part of the work. Everything it needs is made once; a phase makes nothing between two steps. */
export class Worker {
  readonly control: Control;
  readonly ring: Ring;
  readonly loader: Loader | undefined;
  readonly metrics: Metrics;
  readonly optimizer: Optimizer;
  readonly runner: ShardRunner;
  readonly tree: ReductionTree;
  readonly #rank: number;
  readonly #config: ResolvedConfig;
  #preparedStep = -1;
  #streams = false;
  #fullBatch: BatchCut = cutBatch(0, 1);
  #lastBatch: BatchCut = cutBatch(0, 1);

  constructor(setup: WorkerSetup, rank: number, { network, kernels } = partsOf(setup)) {
    const { memory, plan, config } = setup;
    this.#rank = rank;
    this.#config = config;
    const waits = new Waits(memory.buffer, plan.waits, setup.threads, rank);
    this.control = new Control(memory.buffer, plan.control, setup.threads, setup.cores, waits);
    this.metrics = new Metrics(memory.buffer, plan);
    this.optimizer = new Optimizer(kernels, plan, network.bufferLength, config);
    this.ring = new Ring(memory.buffer, plan, this.control);
    this.loader = setup.streamed && new Loader(setup, setup.streamed, this.ring, this.control);
    this.runner = new ShardRunner(setup, rank, network, kernels, this.metrics);
    this.tree = new ReductionTree(kernels, memory.buffer, plan, network.bufferLength, rank);
  }

  /** Until the phase ends. The coordinator returns its result. */
  run(phase: Phase): WorkerResult {
    this.#preparedStep = -1;
    this.#fullBatch = cutBatch(phase.batchSize, phase.itemShards);
    this.#lastBatch = cutBatch(samplesOfStep(phase, stepsOf(phase) - 1), phase.itemShards);
    this.runner.beginPhase(phase);
    this.#streams = this.ring.serves(phase);
    if (this.#streams) this.loader!.beginPhase(phase);
    const result = this.#rank === 0 ? coordinate(phase, this) : this.#follow(phase);
    return {
      ...(result && { result }),
      ...(this.#streams && this.loader!.fault && { fault: this.loader!.fault }),
    };
  }

  #follow(phase: Phase): undefined {
    const { control } = this;
    const readAhead = () => this.readAhead();
    for (let item = control.take(readAhead); item >= 0; item = control.take(readAhead))
      this.work(phase, item);
  }

  readAhead(): boolean {
    return this.#streams && this.loader!.readAhead();
  }

  /** How a step's batch is cut. */
  cutOf(phase: Phase, step: number): BatchCut {
    return samplesOfStep(phase, step) === phase.batchSize ? this.#fullBatch : this.#lastBatch;
  }

  learningRateAt(phase: Phase, step: number): number {
    return learningRateAt(this.#config, phase.epoch, step, stepsOf(phase));
  }

  /** One item: its shards, their sum, and the sums above it that are ready. */
  work(phase: Phase, ticket: number): void {
    const { items } = this.#fullBatch;
    const opened = Math.floor(ticket / items);
    const step = phase.firstStep + opened;
    const samples = samplesOfStep(phase, step);
    const cut = this.cutOf(phase, step);
    const item = ticket - opened * items;
    const newWeights = phase.training ? step !== this.#preparedStep : this.#preparedStep < 0;
    if (newWeights) {
      this.runner.prepare();
      this.#preparedStep = step;
    }
    this.tree.runItem(this.runner, cut, item, step * phase.batchSize, samples);
    if (this.tree.climb(item, cut.items, phase.training)) this.control.finishStep();
  }
}
