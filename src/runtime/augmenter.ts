import type { AugmentationPlan } from '../compile/memory-plan.js';
import type { AugmentationConfig } from '../config/schema.js';
import type { SampleFormat } from '../data/dataset.js';
import { type Kernels, lanes } from '../kernels/kernels.js';
import { exponential, logarithm } from '../numerics/exact-math.js';
import { hash, mix, Purpose, uniform } from '../numerics/random.js';

/** What each random number of a sample is for. */
const Draw = {
  crop: 0,
  down: 1,
  right: 2,
  flip: 3,
  cutout: 4,
  row: 5,
  column: 6,
  brightness: 7,
  brighter: 8,
  contrast: 9,
  stronger: 10,
  mixup: 11,
  /** And on from here, two at a time. */
  share: 12,
} as const;

/**
 * Proposals for a share before 0.5 is taken. With the largest alpha of a config, 2, one in six is accepted: all are refused once in some
 * 10^10 shares.
 */
const proposals = 128;
const midGray = 127.5;

/**
 * Random changes of training images: each a function of (seed, epoch, the sample's key). A sample whose frame changes is copied into
 * the worker's own memory; brightness, contrast and the share in a mixture become numbers for `gatherJittered`.
 */
export class Augmenter {
  readonly #config: AugmentationConfig;
  readonly #kernels: Kernels;
  readonly #plan: AugmentationPlan;
  readonly #seed: number;
  readonly #shape: readonly [channels: number, height: number, width: number];
  readonly #floats: Float32Array;
  #epochKey = 0;
  #key = 0;

  constructor(
    config: AugmentationConfig,
    kernels: Kernels,
    buffer: SharedArrayBuffer,
    plan: AugmentationPlan,
    { sampleShape, normalization }: SampleFormat,
    seed: number,
  ) {
    this.#config = config;
    this.#kernels = kernels;
    this.#plan = plan;
    this.#seed = seed;
    this.#shape = sampleShape as [number, number, number];
    this.#floats = new Float32Array(buffer);
    new Uint8Array(buffer).set(
      normalization.mean.map((mean) => Math.round(mean * 255)),
      plan.fills,
    );
  }

  beginPhase(epoch: number): void {
    this.#epochKey = hash(this.#seed, Purpose.augmentation, epoch);
  }

  /**
   * Change the sample at `address`.
   * @param slot 0 to 7 for the micro-batch's own samples, 8 to 15 for those that they are mixed with
   * @param share of the sample in what the network sees
   * @returns where its bytes lie now
   */
  apply(slot: number, key: number, address: number, share: number): number {
    this.#key = mix(this.#epochKey, key);
    this.#setJitter(slot, share);
    return this.#reframe(slot, address);
  }

  /** The part that a sample has in its mixture with another: 1 where it is not mixed. */
  shareOf(key: number): number {
    const { mixup } = this.#config;
    this.#key = mix(this.#epochKey, key);
    if (mixup === undefined || !this.#happens(Draw.mixup, mixup.probability)) return 1;
    // Beta(a, a) by Jöhnk 1964.
    for (let i = 0; i < proposals; i++) {
      const x = exponential(logarithm(uniform(this.#bits(Draw.share + 2 * i))) / mixup.alpha);
      const y = exponential(logarithm(uniform(this.#bits(Draw.share + 2 * i + 1))) / mixup.alpha);
      if (x + y <= 1) return x / (x + y);
    }
    return 0.5;
  }

  #setJitter(slot: number, share: number): void {
    const { brightness, contrast } = this.#config;
    let gain = 1;
    let lift = 0;
    if (brightness !== undefined && this.#happens(Draw.brightness, brightness.probability)) {
      gain = this.#factor(Draw.brighter, brightness.strength);
    }
    if (contrast !== undefined && this.#happens(Draw.contrast, contrast.probability)) {
      const factor = this.#factor(Draw.stronger, contrast.strength);
      gain *= factor;
      lift = midGray * (1 - factor);
    }
    // A lane group each: gains, lifts, shares.
    const at = this.#plan.jitter / 4 + (slot < lanes ? slot : 3 * lanes + slot - lanes);
    this.#floats[at] = gain;
    this.#floats[at + lanes] = lift;
    this.#floats[at + 2 * lanes] = share;
  }

  #reframe(slot: number, address: number): number {
    const { crop, flip, cutout } = this.#config;
    const [channels, height, width] = this.#shape;
    const moved = crop !== undefined && this.#happens(Draw.crop, crop.probability);
    const down = moved ? this.#below(Draw.down, 2 * crop.padding + 1) - crop.padding : 0;
    const right = moved ? this.#below(Draw.right, 2 * crop.padding + 1) - crop.padding : 0;
    const mirrored = flip !== undefined && this.#happens(Draw.flip, flip.probability);
    const cut = cutout !== undefined && this.#happens(Draw.cutout, cutout.probability);
    if (down === 0 && right === 0 && !mirrored && !cut) return address;
    const side = cut ? cutout.size : 0;
    const top = cut ? this.#below(Draw.row, height) - (side >> 1) : 0;
    const left = cut ? this.#below(Draw.column, width) - (side >> 1) : 0;
    const to = this.#plan.frames + slot * this.#plan.frameBytes;
    this.#kernels.reframeBytes(
      address,
      to,
      channels,
      height,
      width,
      down,
      right,
      mirrored ? 1 : 0,
      top,
      top + side,
      left,
      left + side,
      this.#plan.masks,
      this.#plan.fills,
    );
    return to;
  }

  #bits(draw: number): number {
    return mix(this.#key, draw);
  }

  #happens(draw: number, probability: number): boolean {
    return this.#bits(draw) < probability * 0x1_0000_0000;
  }

  /** An integer in [0, end). */
  #below(draw: number, end: number): number {
    return Math.floor((this.#bits(draw) * end) / 0x1_0000_0000);
  }

  /** In [1 - strength, 1 + strength). */
  #factor(draw: number, strength: number): number {
    return 1 + strength * (this.#bits(draw) / 0x8000_0000 - 1);
  }
}
