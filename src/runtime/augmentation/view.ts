import type { AugmentationPlan } from '../../compile/memory-plan.js';
import type { AugmentationConfig } from '../../config/schema.js';
import type { Kernels } from '../../kernels/kernels.js';
import { logarithm } from '../../numerics/exact-math.js';
import { Affine, tangentOf } from './affine.js';
import { Box } from './box.js';
import { Draw, type SampleDraws } from './sample-draws.js';
import type { TrivialAugment } from './trivial-augment.js';

/**
 * How a sample is seen: cropped, turned, moved, mirrored. All of it is one map, so that an image is resampled once; where only crop and
 * flips happen, its bytes are copied.
 */
export class View {
  readonly #config: AugmentationConfig;
  readonly #kernels: Kernels;
  readonly #plan: AugmentationPlan;
  readonly #shape: readonly [channels: number, height: number, width: number];
  readonly #affine: Affine;
  /** Of a resized crop. */
  readonly #logRatio: readonly [number, number];
  /** The part of the image that is seen. */
  readonly #box = new Box();
  #isResampled = false;
  #down = 0;
  #right = 0;
  #mirrored = false;
  #inverted = false;

  constructor(
    config: AugmentationConfig,
    kernels: Kernels,
    buffer: SharedArrayBuffer,
    plan: AugmentationPlan,
    shape: readonly [channels: number, height: number, width: number],
  ) {
    this.#config = config;
    this.#kernels = kernels;
    this.#plan = plan;
    this.#shape = shape;
    const [low, high] = config.resizedCrop?.ratio ?? [1, 1];
    this.#logRatio = [logarithm(low), logarithm(high)];
    this.#affine = new Affine(shape[1], shape[2], new Float64Array(buffer, plan.map, 6));
  }

  /** @param inTurn whether an alternating flip mirrors the sample in this epoch */
  draw(draws: SampleDraws, trivial: TrivialAugment, inTurn: boolean): void {
    const { crop, flip, verticalFlip } = this.#config;
    this.#isResampled = false;
    this.#affine.reset();
    this.#box.set(0, this.#shape[1], 0, this.#shape[2]);
    this.#drawMap(draws);
    this.#addOperation(trivial);
    const moved = crop !== undefined && draws.happens(Draw.crop, crop.probability);
    this.#down = moved ? draws.below(Draw.down, 2 * crop.padding + 1) - crop.padding : 0;
    this.#right = moved ? draws.below(Draw.right, 2 * crop.padding + 1) - crop.padding : 0;
    this.#mirrored =
      flip !== undefined && (flip.alternating ? inTurn : draws.happens(Draw.flip, flip.probability));
    this.#inverted = verticalFlip !== undefined && draws.happens(Draw.verticalFlip, verticalFlip.probability);
  }

  /** Whether the sample is seen otherwise than it is. */
  get isChanged(): boolean {
    return this.#isResampled || this.#down !== 0 || this.#right !== 0 || this.#mirrored || this.#inverted;
  }

  /** Write the sample at `from` to `to` as it is seen. */
  write(from: number, to: number): void {
    const [channels, height, width] = this.#shape;
    if (!this.#isResampled) {
      this.#kernels.reframeBytes(
        from,
        to,
        channels,
        height,
        width,
        this.#down,
        this.#right,
        this.#mirrored ? 1 : 0,
        this.#inverted ? 1 : 0,
        this.#config.crop?.border === 'reflect' ? 1 : 0,
        this.#plan.scratch,
        this.#plan.fills,
      );
      return;
    }
    this.#affine.move(-this.#down, -this.#right);
    if (this.#mirrored) this.#affine.mirror();
    if (this.#inverted) this.#affine.invert();
    const { top, bottom, left, right } = this.#box;
    this.#kernels.warpBytes(
      from,
      to,
      channels,
      height,
      width,
      this.#plan.map,
      top,
      bottom,
      left,
      right,
      this.#plan.scratch,
      this.#plan.fills,
    );
  }

  #drawMap(draws: SampleDraws): void {
    const { resizedCrop, zoom, rotation, shear, translation } = this.#config;
    const [, height, width] = this.#shape;
    if (resizedCrop !== undefined && draws.happens(Draw.resizedCrop, resizedCrop.probability)) {
      const { scale, ratio } = resizedCrop;
      const box = this.#box;
      if (!box.propose(draws, Draw.resizedCropBox, height, width, scale, this.#logRatio, 0))
        box.setCentral(height, width, ratio);
      this.#affine.crop(box.left, box.top, box.right - box.left, box.bottom - box.top);
      this.#isResampled = true;
    }
    if (zoom !== undefined && draws.happens(Draw.zoom, zoom.probability)) {
      this.#affine.zoom(draws.between(Draw.zoomed, zoom.scale[0], zoom.scale[1]));
      this.#isResampled = true;
    }
    if (rotation !== undefined && draws.happens(Draw.rotation, rotation.probability)) {
      this.#affine.rotate(draws.between(Draw.turned, -rotation.degrees, rotation.degrees));
      this.#isResampled = true;
    }
    if (shear !== undefined && draws.happens(Draw.shear, shear.probability)) {
      this.#affine.shearRows(tangentOf(draws.between(Draw.sheared, -shear.degrees, shear.degrees)));
      this.#isResampled = true;
    }
    if (translation !== undefined && draws.happens(Draw.translation, translation.probability)) {
      const { fraction = 0, pixels } = translation;
      const [down, right] = [pixels ?? fraction * height, pixels ?? fraction * width];
      this.#affine.move(
        draws.between(Draw.movedDown, -down, down),
        draws.between(Draw.movedRight, -right, right),
      );
      this.#isResampled = true;
    }
  }

  #addOperation({ operation, value }: TrivialAugment): void {
    if (operation === 'shearRows') this.#affine.shearRows(value);
    else if (operation === 'shearColumns') this.#affine.shearColumns(value);
    else if (operation === 'moveRight') this.#affine.move(0, value);
    else if (operation === 'moveDown') this.#affine.move(value, 0);
    else if (operation === 'rotate') this.#affine.rotate(value);
    else return;
    this.#isResampled = true;
  }
}
