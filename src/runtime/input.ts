import type { MemoryPlan, WorkerPlan } from '../compile/memory-plan.js';
import type { Placement } from '../compile/placement.js';
import type { SplitPlan } from '../compile/samples-plan.js';
import { bytesOfSample, type SampleFormat } from '../data/dataset.js';
import { createSampler, type Sampler } from '../data/sampler.js';
import type { RunContext } from '../graph/operator.js';
import { groupBytes, type Kernels, lanes } from '../kernels/kernels.js';
import { Augmenter } from './augmentation/augmenter.js';
import { mixesImages } from './augmentation/mixture.js';
import { partnerKey, partnerOf } from './augmentation/partner.js';
import { classIndex } from './class-index.js';
import type { Phase } from './phase.js';
import { bindSamples, channelsOf } from './sample-values.js';
import type { WorkerSetup } from './setup.js';

/** The calls that bring 8 samples into a micro-batch's memory. */
export interface BoundInput {
  readonly placement: Placement;
  readonly plain: readonly (() => void)[];
  /** Of training images whose values are changed or mixed. */
  readonly jittered: readonly (() => void)[];
}

/** Brings a micro-batch's samples into the network's input, a lane each, and their labels to the loss. */
export class Input {
  readonly #plan: MemoryPlan;
  readonly #own: WorkerPlan;
  readonly #context: RunContext;
  readonly #words: Uint32Array;
  readonly #floats: Float32Array;
  readonly #sampleBytes: number;
  readonly #augmenter: Augmenter | undefined;
  readonly #mixes: boolean;
  readonly #jitters: boolean;
  /** Whether partners' values are added to those of the lanes' samples. */
  readonly #adds: boolean;
  readonly #kernels: Kernels;
  readonly #format: SampleFormat;
  #phase: Phase | undefined;
  #split: SplitPlan | undefined;
  #sampler: Sampler = createSampler('sequential', 1, 0, 0);
  #ringSamples = 1;
  #partnerKey = 0;

  constructor(
    { plan, format, config, memory: { buffer } }: Pick<WorkerSetup, 'plan' | 'format' | 'config' | 'memory'>,
    index: number,
    kernels: Kernels,
    context: RunContext,
  ) {
    const own = plan.workers[index]!;
    const { augmentation } = config.training;
    this.#plan = plan;
    this.#own = own;
    this.#context = context;
    this.#words = new Uint32Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#sampleBytes = bytesOfSample(format);
    this.#augmenter =
      own.augmentation && new Augmenter(augmentation, kernels, buffer, own.augmentation, format, config.seed);
    this.#mixes = mixesImages(augmentation);
    this.#kernels = kernels;
    this.#format = format;
    const { brightness, contrast, mixup } = augmentation;
    this.#adds = mixup !== undefined;
    this.#jitters = brightness !== undefined || contrast !== undefined || mixup !== undefined;
  }

  bind(placement: Placement): BoundInput {
    const plain = bindSamples(this.#kernels, this.#format, this.#own.samples, placement.input);
    const jittered = this.#jitters
      ? bindJittered(this.#kernels, this.#format, this.#own, placement.input, this.#adds)
      : plain;
    return { placement, plain, jittered };
  }

  beginPhase(phase: Phase): void {
    const { seed } = this.#context;
    const { ring } = this.#plan;
    this.#phase = phase;
    this.#split = this.#plan.splits[phase.split];
    const byClass = classIndex(this.#words.buffer as SharedArrayBuffer, this.#plan);
    this.#sampler = createSampler(phase.sampler, phase.samples, seed, phase.epoch, byClass);
    this.#ringSamples = Math.max(1, Math.floor(ring.samples / phase.batchSize) * phase.batchSize);
    this.#augmenter?.beginPhase(phase.epoch);
    this.#partnerKey = partnerKey(seed, phase.epoch);
  }

  /**
   * @param position of the first sample in the epoch
   * @param samples 1 to 8; the other lanes repeat the first sample
   * @param batch position of the mini-batch's first sample in the epoch
   */
  run(to: BoundInput, position: number, samples: number, batch: number): void {
    const { labels, shares } = to.placement.targets;
    const augmenter = this.#phase!.training ? this.#augmenter : undefined;
    for (let lane = 0; lane < lanes; lane++) {
      const at = position + (lane < samples ? lane : 0);
      const index = this.#sampler.at(at);
      const key = this.#sampler.keyAt?.(at) ?? index;
      const address = this.#addressOf(index, at);
      this.#context.samples[lane] = key;
      this.#words[labels / 4 + lane] = this.#labelOf(index);
      if (augmenter === undefined) {
        this.#words[this.#own.samples / 4 + lane] = address;
        this.#floats[shares / 4 + lane] = 1;
      } else this.#augment(augmenter, to.placement.targets, lane, at, key, address, batch);
    }
    const calls = augmenter === undefined ? to.plain : to.jittered;
    for (let c = 0; c < calls.length; c++) calls[c]!();
  }

  #augment(
    augmenter: Augmenter,
    targets: Placement['targets'],
    lane: number,
    at: number,
    key: number,
    address: number,
    batch: number,
  ): void {
    this.#words[this.#own.samples / 4 + lane] = augmenter.apply(lane, key, address);
    this.#floats[targets.shares / 4 + lane] = augmenter.share;
    if (this.#mixes) this.#applyPartner(augmenter, targets, lane, at, batch);
  }

  #applyPartner(
    augmenter: Augmenter,
    targets: Placement['targets'],
    lane: number,
    position: number,
    batch: number,
  ): void {
    const { samples, batchSize } = this.#phase!;
    const size = Math.min(batchSize, samples - batch);
    const at = partnerOf(this.#partnerKey, position, batch, size);
    const index = this.#sampler.at(at);
    const key = this.#sampler.keyAt?.(at) ?? index;
    const address = this.#addressOf(index, at);
    this.#words[this.#own.samples / 4 + lanes + lane] = augmenter.applyPartner(lane, key, address);
    this.#words[targets.partners / 4 + lane] = this.#labelOf(index);
  }

  /** Where a sample's bytes lie: with its split, or, where that is too large to stay in memory, in the ring. */
  #addressOf(index: number, position: number): number {
    const { samples, resident } = this.#split!;
    if (index < resident) return samples + index * this.#sampleBytes;
    return this.#plan.ring.address + (position % this.#ringSamples) * this.#sampleBytes;
  }

  #labelOf(index: number): number {
    return this.#words[this.#split!.labels / 4 + index]!;
  }
}

/** As `bindSamples`, of augmented samples and, where these are added, of their partners. */
function bindJittered(
  kernels: Kernels,
  format: SampleFormat,
  { samples, augmentation }: WorkerPlan,
  input: number,
  adds: boolean,
): readonly (() => void)[] {
  const sets = adds ? [0, 1] : [0];
  return sets.flatMap((set) =>
    channelsOf(format).map(({ offset, pixels, scale, shift }) =>
      kernels.gatherJittered.bind(
        undefined,
        samples + set * lanes * 4,
        offset,
        pixels,
        scale,
        shift,
        augmentation!.jitter + set * 3 * groupBytes,
        set,
        input + offset * groupBytes,
      ),
    ),
  );
}
