import type { MemoryPlan } from '../compile/memory-plan.js';
import type { Layout, Placement } from '../compile/placement.js';
import type { Program, Stage } from '../compile/program.js';
import type { Network } from '../graph/network.js';
import type { RunContext } from '../graph/operator.js';
import { type Kernels, lanes } from '../kernels/kernels.js';
import { mixesImages } from './augmentation/mixture.js';
import { BoundProgram } from './bound-program.js';
import { CustomLoss, type LossTerm } from './custom-loss.js';
import { type BoundInput, Input } from './input.js';
import type { Metrics } from './metrics.js';
import type { Phase } from './phase.js';
import type { WorkerSetup } from './setup.js';

/** What a worker runs, and how its memory is laid out. */
export interface CompiledNetwork {
  readonly network: Network;
  readonly program: Program;
  readonly layout: Layout;
  /** The network as evaluations run it, and its layout. */
  readonly evaluation: { readonly network: Network; readonly layout: Layout };
  readonly kernels: Kernels;
}

/** A program in the memory of one micro-batch, and what brings its samples there. */
interface Bound {
  readonly program: BoundProgram;
  readonly placement: Placement;
  readonly input: BoundInput;
  readonly keys: Int32Array;
}

/** Runs a stage of one micro-batch on a worker: the calls of its operators, in their order. */
export class MicroBatchRunner {
  readonly #kernels: Kernels;
  /** Of each micro-batch, in its memory, which holds what stages leave for each other. Where a program is one stage: one for all. */
  readonly #training: readonly Bound[];
  /** In the same memory of the worker as the training. */
  readonly #evaluation: Bound;
  /** Whether it is this worker, the coordinator's, that folds batch norms before an evaluation. */
  readonly #folds: boolean;
  readonly #classes: number;
  readonly #plan: MemoryPlan;
  /** The last micro-batch's, `[8]`. */
  readonly #losses: Float32Array;
  readonly #classesBefore: Int32Array;
  readonly #input: Input;
  readonly #labelSmoothing: number;
  readonly #customLoss: CustomLoss | undefined;
  /** Whether class weights, label smoothing, mixup or CutMix change the training's loss: an evaluation's has none of them. */
  readonly #isWeighed: boolean;
  readonly #mixes: boolean;
  readonly #metrics: Metrics;
  readonly #context: RunContext;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  #phase: Phase | undefined;
  /** Of the micro-batch whose loss is taken. */
  #targets: Placement['targets'] | undefined;

  constructor(
    setup: Pick<WorkerSetup, 'plan' | 'format' | 'config' | 'memory' | 'code'>,
    index: number,
    { network, program, layout, evaluation, kernels }: CompiledNetwork,
    metrics: Metrics,
  ) {
    const { plan, config, code } = setup;
    const { buffer } = setup.memory;
    const worker = plan.workers[index]!;
    this.#kernels = kernels;
    this.#plan = plan;
    this.#losses = new Float32Array(buffer, worker.losses, lanes);
    this.#classesBefore = new Int32Array(buffer, worker.classesBefore, lanes);
    this.#metrics = metrics;
    this.#classes = network.classes;
    this.#labelSmoothing = config.loss.type === 'crossEntropy' ? config.loss.labelSmoothing : 0;
    this.#customLoss = CustomLoss.of(config.loss, network.classes, code);
    this.#mixes = mixesImages(config.training.augmentation);
    this.#isWeighed = config.loss.classWeights !== 'none' || this.#labelSmoothing > 0 || this.#mixes;
    this.#words = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#context = {
      training: true,
      seed: config.seed,
      epoch: 0,
      samples: new Int32Array(lanes),
      count: lanes,
      batchSamples: 0,
      code,
    };
    this.#input = new Input(setup, index, kernels, this.#context);
    const bind = (of: Network, stages: readonly Stage[], placement: Placement): Bound => ({
      program: new BoundProgram(of, program, stages, kernels, placement, plan, this.#context, this.#words),
      placement,
      input: this.#input.bind(placement),
      keys: new Int32Array(buffer, placement.keys, lanes),
    });
    const microBatches = plan.microBatchMemory.length > 0 ? plan.microBatchMemory : [0];
    this.#training = microBatches.map((at) => bind(network, program.training, layout.at(worker.memory, at)));
    this.#evaluation = bind(evaluation.network, program.evaluation, evaluation.layout.at(worker.memory, 0));
    this.#folds = index === 0 && plan.folded !== 0;
  }

  beginPhase(phase: Phase): void {
    this.#phase = phase;
    this.#context.training = phase.training;
    if (this.#folds && !phase.training) this.#evaluation.program.fold();
    this.#context.epoch = phase.epoch;
    this.#input.beginPhase(phase);
  }

  /**
   * Repack the weights: once for each step that this worker has an item of, once for an evaluation. Repacked weights, and a batch norm's
   * scale and shift, lie in the worker's own memory (scratch that is not saved), which the programs of all micro-batches share.
   * @param all those of frozen layers too: once a phase is enough
   */
  prepare(batchSamples: number, all: boolean): void {
    this.#context.batchSamples = batchSamples;
    (this.#context.training ? this.#training[0]! : this.#evaluation).program.prepare(all);
  }

  /**
   * Read the all-reduced sums that a training stage needs: once a step and stage, for those that this worker has an item of and all before.
   */
  enter(stage: number): void {
    this.#training[0]!.program.enter(stage, this.#plan.root);
  }

  /** Coordinator, after a step: running statistics take in the mini-batch's. */
  updateState(batchSamples: number): void {
    this.#context.batchSamples = batchSamples;
    this.#training[0]!.program.updateState(this.#plan.root);
  }

  /**
   * A stage of one micro-batch.
   * @param position of its first sample in the epoch
   * @param samples 1 to 8; the other lanes repeat the first sample and count for nothing
   * @param microBatch its number in the mini-batch
   * @param sums address of the buffer for what it gives to the mini-batch's sums (training)
   * @param accumulate 1 to add to that buffer
   */
  run(
    stage: number,
    position: number,
    samples: number,
    microBatch: number,
    sums: number,
    accumulate: 0 | 1,
  ): void {
    const { training } = this.#phase!;
    // The micro-batches of a rank follow each other, and there are no more of them than there is memory for.
    const bound = training ? this.#training[microBatch % this.#training.length]! : this.#evaluation;
    const { gathers, inputGradient, forward, statistics, loss, backward } = bound.program.stages[stage]!;
    this.#context.count = samples;
    this.#context.samples = bound.keys;
    if (gathers) this.gather(bound, position, samples, microBatch);
    if (inputGradient !== undefined) inputGradient.inputGradient();
    for (let i = 0; i < forward.length; i++) forward[i]!.forward();
    if (statistics !== undefined) statistics.statistics(sums, accumulate);
    if (loss) this.loss(bound, samples, microBatch);
    for (let i = 0; i < backward.length; i++) backward[i]!.backward(sums, accumulate);
  }

  /** Bring the samples in: a lane each. */
  gather({ input }: Bound, position: number, samples: number, microBatch: number): void {
    this.#input.run(input, position, samples, position - microBatch * lanes);
  }

  /** The loss and its gradient at the logits; the micro-batch's loss, weight and hits go to the metrics. */
  loss({ placement }: Bound, samples: number, microBatch: number): void {
    const { targets } = placement;
    this.#targets = targets;
    const training = this.#phase!.training && this.#isWeighed;
    const weights = training ? this.#plan.classWeights : 0;
    this.#kernels.crossEntropy(
      placement.outputs.at(-1)!,
      targets.labels,
      weights,
      training ? this.#labelSmoothing : 0,
      samples,
      this.#classes,
      placement.outputGradients.at(-1)!,
      this.#losses.byteOffset,
      this.#classesBefore.byteOffset,
    );
    if (this.#customLoss !== undefined) this.#ownLoss(this.#customLoss, placement, samples, training);
    const weightOf = training ? this.#weightOf : undefined;
    this.#metrics.setMicroBatch(microBatch, this.#losses, this.#classesBefore, samples, weightOf);
    if (this.#phase!.training) return;
    for (let lane = 0; lane < samples; lane++)
      if (this.#classesBefore[lane] === 0) this.#metrics.addClassHit(this.#words[targets.labels / 4 + lane]!);
  }

  /** An own loss and its gradient in place of the cross entropy's, whose kernel has counted the hits. */
  #ownLoss(
    loss: CustomLoss,
    { outputs, outputGradients }: Placement,
    samples: number,
    weighed: boolean,
  ): void {
    const groups = (address: number) =>
      this.#floats.subarray(address / 4, address / 4 + this.#classes * lanes);
    const [logits, gradient] = [groups(outputs.at(-1)!), groups(outputGradients.at(-1)!)];
    for (let lane = 0; lane < samples; lane++) {
      const terms = this.#termsOf(lane, weighed);
      this.#losses[lane] = loss.lane(lane, logits, terms, gradient, this.#context.training);
    }
  }

  #termsOf(lane: number, weighed: boolean): LossTerm[] {
    const { labels, partners, shares } = this.#targets!;
    const label = this.#words[labels / 4 + lane]!;
    if (!weighed) return [{ label, factor: 1 }];
    const weights = this.#plan.classWeights / 4;
    const share = this.#floats[shares / 4 + lane]!;
    const partner = this.#mixes && share < 1 ? this.#words[partners / 4 + lane]! : label;
    return [
      { label, factor: share * this.#floats[weights + label]! },
      ...(share < 1 ? [{ label: partner, factor: (1 - share) * this.#floats[weights + partner]! }] : []),
    ];
  }

  /** Where a training's tensors lie, for tests. */
  get placement(): Placement {
    return this.#training[0]!.placement;
  }

  /** The weight of a sample: its class's or, where images are mixed, the share-weighted mean of its class's and its partner's. */
  readonly #weightOf = (lane: number): number => {
    const { classWeights } = this.#plan;
    const targets = this.#targets!;
    const share = this.#floats[targets.shares / 4 + lane]!;
    const own = this.#floats[classWeights / 4 + this.#words[targets.labels / 4 + lane]!]!;
    const partner = this.#floats[classWeights / 4 + this.#words[targets.partners / 4 + lane]!]!;
    return share * own + (1 - share) * partner;
  };
}
