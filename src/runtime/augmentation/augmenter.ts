import type { AugmentationPlan } from '../../compile/memory-plan.js';
import type { AugmentationConfig } from '../../config/schema.js';
import { meanColour, type SampleFormat } from '../../data/dataset.js';
import { type Kernels, lanes } from '../../kernels/kernels.js';
import { logarithm } from '../../numerics/exact-math.js';
import { hash, mix, Purpose } from '../../numerics/random.js';
import { Box } from './box.js';
import { Colours } from './colours.js';
import { Mixture } from './mixture.js';
import { Draw, SampleDraws } from './sample-draws.js';
import { TrivialAugment } from './trivial-augment.js';
import { View } from './view.js';

const midGray = 127.5;

/**
 * Random changes of training images: each a function of (seed, epoch, the sample's key). A sample whose bytes change is copied into
 * the worker's own memory; brightness, contrast and the weight in a mixture become numbers for `gatherJittered`.
 */
export class Augmenter {
  readonly #config: AugmentationConfig;
  readonly #kernels: Kernels;
  readonly #plan: AugmentationPlan;
  readonly #seed: number;
  readonly #shape: readonly [channels: number, height: number, width: number];
  readonly #floats: Float32Array;
  readonly #draws = new SampleDraws();
  readonly #view: View;
  readonly #trivial = new TrivialAugment();
  readonly #colours: Colours;
  readonly #cut = new Box();
  readonly #erased = new Box();
  readonly #erasedLogRatio: readonly [number, number];
  readonly #mixture: Mixture;
  /** Of no epoch: no training has an epoch 0. */
  readonly #turnKey: number;
  #epoch = 0;
  #epochKey = 0;

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
    this.#turnKey = hash(seed, Purpose.augmentation, 0);
    this.#shape = sampleShape as [number, number, number];
    this.#floats = new Float32Array(buffer);
    this.#view = new View(config, kernels, buffer, plan, this.#shape);
    this.#colours = new Colours(config, kernels, buffer, plan, this.#shape);
    this.#mixture = new Mixture(config, this.#shape[1], this.#shape[2]);
    // Of width to height, where the config's is of height to width.
    const [low, high] = config.erasing?.ratio ?? [1, 1];
    this.#erasedLogRatio = [logarithm(1 / high), logarithm(1 / low)];
    new Uint8Array(buffer).set(meanColour({ normalization }), plan.fills);
  }

  beginPhase(epoch: number): void {
    this.#epoch = epoch;
    this.#epochKey = hash(this.#seed, Purpose.augmentation, epoch);
  }

  /** The part of a lane's sample in its label, after `apply`; its partner has the rest. */
  get share(): number {
    return this.#mixture.share;
  }

  /**
   * Change the sample at `address`.
   * @returns where its bytes lie now
   */
  apply(lane: number, key: number, address: number): number {
    this.#draws.key = mix(this.#epochKey, key);
    this.#mixture.draw(this.#draws);
    return this.#change(lane, key, address, this.#mixture.weight, this.#mixture.pastes);
  }

  /**
   * Change the sample that a lane's is mixed with, after `apply`; CutMix then pastes a part of it into that of the lane.
   * @returns where its bytes lie now
   */
  applyPartner(lane: number, key: number, address: number): number {
    const { weight, pastes, box } = this.#mixture;
    const slot = lanes + lane;
    if (weight === 1 && !pastes) {
      this.#setJitter(slot, 1, 0, 0);
      return address;
    }
    this.#draws.key = mix(this.#epochKey, key);
    const from = this.#change(slot, key, address, 1 - weight, false);
    const [channels, height, width] = this.#shape;
    if (pastes) {
      this.#kernels.pasteRectangle(
        from,
        this.#frame(lane),
        channels,
        height,
        width,
        box.top,
        box.bottom,
        box.left,
        box.right,
      );
    }
    return from;
  }

  /**
   * @param slot 0 to 7 for the micro-batch's own samples, 8 to 15 for those that they are mixed with
   * @param weight of the sample in what the network sees
   * @param isCopied whether its bytes are copied even if they do not change
   */
  #change(slot: number, key: number, address: number, weight: number, isCopied: boolean): number {
    this.#drawJitter(slot, weight);
    const { trivialAugment, cutout, erasing } = this.#config;
    const draws = this.#draws;
    if (trivialAugment !== undefined) this.#trivial.draw(draws, trivialAugment.probability);
    this.#view.draw(draws, this.#trivial, this.#isInTurn(key));
    this.#colours.draw(draws, this.#trivial);
    const cuts = cutout !== undefined && draws.happens(Draw.cutout, cutout.probability);
    const erases = erasing !== undefined && this.#drawErased(erasing);
    const changes = this.#view.isChanged || this.#colours.isChanged || cuts || erases;
    if (!changes && !isCopied) return address;
    const image = this.#frame(slot);
    this.#view.write(address, image);
    if (this.#colours.isChanged) this.#colours.apply(image, this.#trivial);
    if (cuts) this.#cutOut(image, cutout.size);
    if (erases) this.#erase(image);
    return image;
  }

  #frame(slot: number): number {
    return this.#plan.frames + slot * this.#plan.frameBytes;
  }

  /** In every second epoch; in which of the two belongs to (seed, sample). */
  #isInTurn(key: number): boolean {
    if (this.#config.flip?.alternating !== true) return false;
    return ((mix(this.#turnKey, key) >>> 31) + this.#epoch) % 2 === 1;
  }

  #cutOut(image: number, side: number): void {
    const [channels, height, width] = this.#shape;
    const box = this.#cut;
    const top = this.#draws.below(Draw.row, height) - (side >> 1);
    const left = this.#draws.below(Draw.column, width) - (side >> 1);
    box.setWithin(top, left, side, side, height, width);
    this.#kernels.fillRectangle(
      image,
      channels,
      height,
      width,
      box.top,
      box.bottom,
      box.left,
      box.right,
      this.#plan.fills,
    );
  }

  #drawErased({ probability, scale }: NonNullable<AugmentationConfig['erasing']>): boolean {
    if (!this.#draws.happens(Draw.erasing, probability)) return false;
    const [, height, width] = this.#shape;
    const ratio = this.#erasedLogRatio;
    return this.#erased.propose(this.#draws, Draw.erasingBox, height, width, scale, ratio, 1);
  }

  #erase(image: number): void {
    const [channels, height, width] = this.#shape;
    const { top, bottom, left, right } = this.#erased;
    const key = this.#draws.bits(Draw.noise);
    this.#kernels.noiseRectangle(image, channels, height, width, top, bottom, left, right, key);
  }

  #drawJitter(slot: number, weight: number): void {
    const { brightness, contrast } = this.#config;
    const draws = this.#draws;
    let gain = 1;
    let lift = 0;
    if (brightness !== undefined && draws.happens(Draw.brightness, brightness.probability)) {
      gain = draws.factor(Draw.brighter, brightness.strength);
    }
    if (contrast !== undefined && draws.happens(Draw.contrast, contrast.probability)) {
      const factor = draws.factor(Draw.stronger, contrast.strength);
      gain *= factor;
      lift = midGray * (1 - factor);
    }
    this.#setJitter(slot, gain, lift, weight);
  }

  #setJitter(slot: number, gain: number, lift: number, weight: number): void {
    // A lane group each: gains, lifts, weights.
    const at = this.#plan.jitter / 4 + (slot < lanes ? slot : 3 * lanes + slot - lanes);
    this.#floats[at] = gain;
    this.#floats[at + lanes] = lift;
    this.#floats[at + 2 * lanes] = weight;
  }
}
