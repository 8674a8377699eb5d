import type { MemoryPlan } from '../compile/memory-plan.js';
import { layOut } from '../compile/placement.js';
import { compileProgram, type Stage } from '../compile/program.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { foldNorms } from '../graph/fold.js';
import { buildNetwork, type Network } from '../graph/network.js';
import { instantiateKernels, type Kernels, lanes } from '../kernels/kernels.js';
import type { Files } from '../platform/platform.js';
import { AllReduce } from './allreduce.js';
import { alone, type BatchCut, cutBatch, ownItems, type Share } from './batch.js';
import { type ItemBuffers, type RunMicroBatch, runItem } from './item.js';
import { Metrics } from './metrics.js';
import { type CompiledNetwork, MicroBatchRunner } from './micro-batch.js';
import { Optimizer } from './optimizers/optimizer.js';
import { type Phase, samplesOfStep, stepsOf } from './phase.js';
import { Prefetcher } from './prefetch.js';
import { WorkQueue } from './queue.js';
import { Ranks } from './ranks.js';
import { Ring } from './ring.js';
import { learningRateAt } from './schedule.js';
import type { WorkerResult, WorkerSetup } from './setup.js';
import { coordinate } from './step.js';
import type { Transport } from './transport.js';
import { Waits } from './waits.js';

export function compileNetwork({ config, format, kernels, memory }: WorkerSetup): CompiledNetwork {
  const network = buildNetwork(config.model.layers, format.sampleShape, config.training.freeze);
  return compiledOf(network, instantiateKernels(kernels, memory));
}

export function compiledOf(network: Network, kernels: Kernels): CompiledNetwork {
  const program = compileProgram(network);
  const folded = foldNorms(network);
  const evaluation = { network: folded, layout: layOut(folded, program.evaluation) };
  return { network, program, layout: layOut(network, program.training), evaluation, kernels };
}

/** The classes of a worker's parts: others of the same kind where their calls are traced, see `traced-worker.ts`. */
const workerParts = { WorkQueue, Metrics, Optimizer, MicroBatchRunner, AllReduce };
export type WorkerParts = typeof workerParts;

/** An item of the work queue: a part of a step's mini-batch, at one of the step's stages. */
interface Item {
  step: number;
  stage: number;
  item: number;
}

/** What a thread does of a training. Its buffers and bound calls are made once, or at a phase's start: none between two steps. */
export class Worker {
  readonly queue: WorkQueue;
  readonly ring: Ring;
  readonly prefetcher: Prefetcher | undefined;
  readonly metrics: Metrics;
  readonly optimizer: Optimizer;
  readonly runner: MicroBatchRunner;
  readonly allReduce: AllReduce;
  /** The coordinator's, where there are several. */
  readonly ranks: Ranks | undefined;
  readonly #index: number;
  readonly #share: Share;
  readonly #config: ResolvedConfig;
  readonly #compiled: CompiledNetwork;
  readonly #plan: MemoryPlan;
  #streams = false;
  #stages: readonly Stage[] = [];
  #fullBatch: BatchCut = cutBatch(0, 1);
  #lastBatch: BatchCut = cutBatch(0, 1);
  /** Of each stage, each item's buffers. */
  #buffers: readonly (readonly ItemBuffers[])[] = [];
  /** The last step whose weights this worker has repacked, and the last stage of it before which it has read the all-reduced sums. */
  #preparedStep = -1;
  #enteredStage = 0;
  /** For `#runMicroBatch`: the stage, and the mini-batch's first position in the epoch and its samples. */
  #stage = 0;
  #position = 0;
  #samples = 0;
  readonly #at: Item = { step: 0, stage: 0, item: 0 };

  constructor(
    setup: WorkerSetup,
    index: number,
    files: Files,
    transport?: Transport,
    parts: WorkerParts = workerParts,
    compiled = compileNetwork(setup),
  ) {
    const { memory, plan, config } = setup;
    const { network, kernels } = compiled;
    this.#index = index;
    this.#share = setup.ranks ?? alone;
    this.#config = config;
    this.#compiled = compiled;
    this.#plan = plan;
    const waits = new Waits(memory.buffer, plan.waits, setup.threads, index);
    this.queue = new parts.WorkQueue(memory.buffer, plan.queue, setup.threads, setup.cores, waits);
    this.metrics = new parts.Metrics(memory.buffer, plan, this.#share.rank);
    this.optimizer = new parts.Optimizer(kernels, plan, network, config);
    this.ring = new Ring(memory.buffer, plan, this.queue);
    this.prefetcher = setup.streamed && new Prefetcher(setup, setup.streamed, this.ring, this.queue, files);
    this.runner = new parts.MicroBatchRunner(setup, index, compiled, this.metrics);
    this.allReduce = new parts.AllReduce(kernels, memory.buffer, plan);
    this.ranks = transport && new Ranks(transport, kernels, plan, memory.buffer, setup.ranks!);
  }

  /** Until the phase ends. The coordinator returns its result. */
  run(phase: Phase): WorkerResult {
    this.#preparedStep = -1;
    const { itemMicroBatches } = phase;
    this.#fullBatch = cutBatch(phase.batchSize, itemMicroBatches, this.#share);
    this.#lastBatch = cutBatch(samplesOfStep(phase, stepsOf(phase) - 1), itemMicroBatches, this.#share);
    this.#stages = this.stagesOf(phase);
    this.ranks?.beginPhase(phase.training, this.#stages, this.#fullBatch, this.#lastBatch);
    this.#buffers = this.#stages.map(({ sums }) => this.#buffersOf(sums));
    this.runner.beginPhase(phase);
    this.#streams = this.ring.serves(phase);
    if (this.#streams) this.prefetcher!.beginPhase(phase);
    const result = this.#index === 0 ? coordinate(phase, this) : this.#follow(phase);
    return {
      ...(result && { result }),
      ...(this.#streams && this.prefetcher!.fault && { fault: this.prefetcher!.fault }),
    };
  }

  #follow(phase: Phase): undefined {
    const { queue } = this;
    const prefetch = () => this.prefetch();
    for (let item = queue.take(prefetch); item >= 0; item = queue.take(prefetch)) this.work(phase, item);
  }

  prefetch(): boolean {
    return this.#streams && this.prefetcher!.readAhead();
  }

  /** The stages of each of a phase's steps. */
  stagesOf({ training }: Phase): readonly Stage[] {
    const { program } = this.#compiled;
    return training ? program.training : program.evaluation;
  }

  /** How a step's mini-batch is cut. */
  cutOf(phase: Phase, step: number): BatchCut {
    return samplesOfStep(phase, step) === phase.batchSize ? this.#fullBatch : this.#lastBatch;
  }

  /**
   * Coordinator: have a stage's sums, and after the last stage the outcomes, those of all ranks. False if the phase was cancelled.
   * @param meanwhile what else there is to do: false if nothing
   * @throws UserError where a rank sends nothing any more
   */
  exchange(phase: Phase, step: number, stage: number, meanwhile: () => boolean): boolean {
    if (this.ranks === undefined) return true;
    return this.ranks.exchange(this.cutOf(phase, step), stage, this.queue, meanwhile);
  }

  exchangeHits(): void {
    this.ranks?.exchangeHits(this.queue);
  }

  learningRateAt(phase: Phase, step: number): number {
    return learningRateAt(this.#config, phase.epoch, step, stepsOf(phase), phase.rateReduction);
  }

  plannedSteps(phase: Phase): number {
    return this.#config.training.epochs * stepsOf(phase);
  }

  updateState(samples: number): void {
    this.runner.updateState(samples);
  }

  /** One item: its micro-batches, their sum, and the all-reduce above it as far as it is ready. */
  work(phase: Phase, number: number): void {
    const { step, stage, item } = this.#locate(phase, number);
    const cut = this.cutOf(phase, step);
    this.#samples = samplesOfStep(phase, step);
    this.#position = step * phase.batchSize;
    this.#stage = stage;
    this.#takeOver(phase, step, stage);
    this.ranks?.progress();
    runItem(this.#runMicroBatch, cut, item, this.#buffers[stage]![item - cut.firstItem]!);
    if (this.allReduce.arrive(item, cut, this.#stages[stage]!.sums)) this.queue.finishStage();
  }

  /** This process's items are numbered through a phase: step by step, stage by stage. Only its last step may have fewer than the others. */
  #locate(phase: Phase, number: number): Item {
    const stages = this.#stages.length;
    const perStep = stages * ownItems(this.#fullBatch);
    const lastStep = stepsOf(phase) - 1 - phase.firstStep;
    const step = perStep === 0 ? lastStep : Math.min(Math.floor(number / perStep), lastStep);
    const cut = step === lastStep ? this.#lastBatch : this.#fullBatch;
    const items = ownItems(cut);
    const rest = number - step * perStep;
    const at = this.#at;
    at.step = phase.firstStep + step;
    at.stage = Math.floor(rest / items);
    at.item = cut.firstItem + rest - at.stage * items;
    return at;
  }

  /**
   * Before an item, if this worker has not yet done so: repack the step's weights, and read the all-reduced sums of its earlier stages.
   * An evaluation's weights do not change, so they are repacked once.
   */
  #takeOver(phase: Phase, step: number, stage: number): void {
    if (phase.training ? step !== this.#preparedStep : this.#preparedStep < 0) {
      this.runner.prepare(this.#samples, this.#preparedStep < 0);
      this.#preparedStep = step;
      this.#enteredStage = 0;
    }
    while (this.#enteredStage < stage) this.runner.enter(++this.#enteredStage);
  }

  readonly #runMicroBatch: RunMicroBatch = (microBatch, sums, accumulate) => {
    const offset = microBatch * lanes;
    const samples = Math.min(lanes, this.#samples - offset);
    this.runner.run(this.#stage, this.#position + offset, samples, microBatch, sums, accumulate);
  };

  #buffersOf(range: Stage['sums']): ItemBuffers[] {
    const { itemSums, workers } = this.#plan;
    const { partialSums } = workers[this.#index]!;
    const { kernels } = this.#compiled;
    const items = Math.max(ownItems(this.#fullBatch), ownItems(this.#lastBatch));
    return Array.from({ length: items }, (_, item) => ({
      kernels,
      sums: itemSums[item] ?? 0, // an evaluation adds nothing up, and may have more items than there are buffers
      partialSums,
      range,
    }));
  }
}
