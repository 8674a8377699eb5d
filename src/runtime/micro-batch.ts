import type { MemoryPlan, WorkerPlan } from '../compile/memory-plan.js';
import type { ShardContext } from '../graph/layer.js';
import type { Network } from '../graph/network.js';
import { type Kernels, lanes } from '../kernels/kernels.js';
import { BoundNetwork } from './bound-network.js';
import { Gather } from './input.js';
import type { Metrics } from './metrics.js';
import type { Phase } from './phase.js';
import type { WorkerSetup } from './worker.js';

/** A worker's way through one shard: gather, forward, loss, backward. */
export class ShardRunner {
  readonly #kernels: Kernels;
  readonly #network: BoundNetwork;
  readonly #classes: number;
  readonly #plan: MemoryPlan;
  readonly #own: WorkerPlan;
  readonly #gather: Gather;
  readonly #labelSmoothing: number;
  /** Whether the training's loss is another than an evaluation's. */
  readonly #isWeighed: boolean;
  readonly #metrics: Metrics;
  readonly #context: ShardContext;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  #phase: Phase | undefined;

  constructor(
    setup: Pick<WorkerSetup, 'plan' | 'format' | 'config' | 'memory'>,
    rank: number,
    network: Network,
    kernels: Kernels,
    metrics: Metrics,
  ) {
    const { plan, config } = setup;
    const { buffer } = setup.memory;
    const own = plan.workers[rank]!;
    this.#kernels = kernels;
    this.#plan = plan;
    this.#own = own;
    this.#metrics = metrics;
    this.#classes = network.classes;
    this.#labelSmoothing = config.loss.labelSmoothing;
    this.#isWeighed =
      config.loss.classWeights !== 'none' ||
      config.loss.labelSmoothing > 0 ||
      config.training.augmentation.mixup !== undefined;
    this.#words = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#context = { training: true, seed: config.seed, epoch: 0, samples: new Int32Array(lanes) };
    this.#network = new BoundNetwork(network, kernels, own.network, plan, this.#context, this.#words);
    this.#gather = new Gather(setup, rank, kernels, this.#context);
  }

  beginPhase(phase: Phase): void {
    this.#phase = phase;
    this.#context.training = phase.training;
    this.#context.epoch = phase.epoch;
    this.#gather.beginPhase(phase);
  }

  /** Once for each step that this worker has a part in. */
  prepare(): void {
    this.#network.prepare();
  }

  /**
   * One shard.
   * @param position of its first sample in the epoch
   * @param samples 1 to 8; the other lanes repeat the first sample and count for nothing
   * @param shard its number in the batch
   * @param gradients address of the buffer for its gradient (training)
   * @param accumulate 1 to add to that buffer
   */
  run(position: number, samples: number, shard: number, gradients: number, accumulate: 0 | 1): void {
    this.gather(position, samples, shard);
    this.#network.forward();
    this.loss(samples, shard);
    if (this.#phase!.training) this.#network.backward(gradients, accumulate);
  }

  /** Bring the samples in: a lane each. */
  gather(position: number, samples: number, shard: number): void {
    this.#gather.run(position, samples, position - shard * lanes);
  }

  /** Cross entropy and its gradient at the logits; the shard's loss, weight and hits go to the metrics. */
  loss(samples: number, shard: number): void {
    const { targets, losses, ranks, network } = this.#own;
    const training = this.#phase!.training && this.#isWeighed;
    const weights = training ? this.#plan.classWeights : 0;
    this.#kernels.crossEntropy(
      network.outputs.at(-1)!,
      targets.labels,
      weights,
      training ? this.#labelSmoothing : 0,
      samples,
      this.#classes,
      network.outputGradients.at(-1)!,
      losses,
      ranks,
    );
    let loss = 0;
    let weight = 0;
    let top1 = 0;
    let top5 = 0;
    for (let lane = 0; lane < samples; lane++) {
      const rank = this.#words[ranks / 4 + lane]!;
      loss += this.#floats[losses / 4 + lane]!;
      weight += training ? this.#weightOf(lane) : 1;
      if (rank === 0) top1++;
      if (rank < 5) top5++;
    }
    this.#metrics.shardLoss[shard] = loss;
    this.#metrics.shardWeight[shard] = weight;
    this.#metrics.shardTop1[shard] = top1;
    this.#metrics.shardTop5[shard] = top5;
  }

  /** Of a sample, by its class and, where it is mixed, by its partner's. */
  #weightOf(lane: number): number {
    const { targets } = this.#own;
    const { classWeights } = this.#plan;
    const share = this.#floats[targets.shares / 4 + lane]!;
    const own = this.#floats[classWeights / 4 + this.#words[targets.labels / 4 + lane]!]!;
    const partner = this.#floats[classWeights / 4 + this.#words[targets.partners / 4 + lane]!]!;
    return share * own + (1 - share) * partner;
  }
}
