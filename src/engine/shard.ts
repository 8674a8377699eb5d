import { bytesOfSample, type SampleFormat } from '../data/dataset.js';
import { Sampler } from '../data/sampler.js';
import { groupBytes, type Kernels, lanes } from '../kernels/kernels.js';
import { BoundNetwork } from '../model/bound-network.js';
import type { ShardContext } from '../model/layer.js';
import type { Network } from '../model/network.js';
import { sizeOf } from '../model/shape.js';
import type { MemoryPlan, WorkerPlan } from './memory-plan.js';
import type { Metrics } from './metrics.js';
import type { Phase } from './phase.js';

/** A worker's way through one shard: gather, forward, loss, backward. */
export class ShardRunner {
  readonly #kernels: Kernels;
  readonly #network: BoundNetwork;
  readonly #classes: number;
  readonly #plan: MemoryPlan;
  readonly #own: WorkerPlan;
  readonly #logits: number;
  readonly #logitGradients: number;
  readonly #gathers: readonly (() => void)[];
  readonly #sampleBytes: number;
  readonly #metrics: Metrics;
  readonly #context: ShardContext;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  #sampler = new Sampler(1, false, 0, 0);
  #phase: Phase | undefined;

  constructor(
    network: Network,
    kernels: Kernels,
    buffer: SharedArrayBuffer,
    plan: MemoryPlan,
    rank: number,
    format: SampleFormat,
    metrics: Metrics,
    seed: number,
  ) {
    const own = plan.workers[rank]!;
    this.#kernels = kernels;
    this.#plan = plan;
    this.#own = own;
    this.#metrics = metrics;
    this.#classes = network.classes;
    this.#words = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#context = { training: true, seed, epoch: 0, samples: new Int32Array(lanes) };
    this.#network = new BoundNetwork(network, kernels, own.network, plan, this.#context, this.#words);
    this.#logits = own.network.outputs.at(-1)!;
    this.#logitGradients = own.network.outputGradients.at(-1)!;
    this.#sampleBytes = bytesOfSample(format);
    this.#gathers = bindGathers(kernels, format, own);
  }

  beginPhase(phase: Phase): void {
    this.#phase = phase;
    this.#sampler = new Sampler(phase.samples, phase.shuffle, this.#context.seed, phase.epoch);
    this.#context.training = phase.training;
    this.#context.epoch = phase.epoch;
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
    this.gather(position, samples);
    this.#network.forward();
    this.loss(samples, shard);
    if (this.#phase!.training) this.#network.backward(gradients, accumulate);
  }

  /** Find the samples and bring them in: a lane each. */
  gather(position: number, samples: number): void {
    const from = this.#plan.splits[this.#phase!.split];
    for (let lane = 0; lane < lanes; lane++) {
      const index = this.#sampler.at(position + (lane < samples ? lane : 0));
      this.#context.samples[lane] = index;
      this.#words[this.#own.samples / 4 + lane] = from.samples + index * this.#sampleBytes;
      this.#words[this.#own.labels / 4 + lane] = this.#words[from.labels / 4 + index]!;
    }
    for (let c = 0; c < this.#gathers.length; c++) this.#gathers[c]!();
  }

  /** Cross entropy and its gradient at the logits; the shard's loss and hits go to the metrics. */
  loss(samples: number, shard: number): void {
    const { labels, losses, ranks } = this.#own;
    this.#kernels.crossEntropy(
      this.#logits,
      labels,
      samples,
      this.#classes,
      this.#logitGradients,
      losses,
      ranks,
    );
    let loss = 0;
    let top1 = 0;
    let top5 = 0;
    for (let lane = 0; lane < samples; lane++) {
      const rank = this.#words[ranks / 4 + lane]!;
      loss += this.#floats[losses / 4 + lane]!;
      if (rank === 0) top1++;
      if (rank < 5) top5++;
    }
    this.#metrics.shardLoss[shard] = loss;
    this.#metrics.shardTop1[shard] = top1;
    this.#metrics.shardTop5[shard] = top5;
  }
}

/** What brings the samples' values into the network's input, at the addresses that `own.samples` holds; bytes channel by channel. */
function bindGathers(
  kernels: Kernels,
  { sampleType, sampleShape: shape, normalization }: SampleFormat,
  { samples, network: { input } }: WorkerPlan,
): readonly (() => void)[] {
  if (sampleType === 'float32') return [kernels.gatherFloats.bind(undefined, samples, sizeOf(shape), input)];
  const pixels = shape[1]! * shape[2]!;
  return Array.from({ length: shape[0]! }, (_, c) => {
    const deviation = normalization.deviation[c]!;
    const scale = 1 / (255 * deviation);
    const shift = -normalization.mean[c]! / deviation;
    return kernels.gatherBytes.bind(
      undefined,
      samples,
      c * pixels,
      pixels,
      scale,
      shift,
      input + c * pixels * groupBytes,
    );
  });
}
