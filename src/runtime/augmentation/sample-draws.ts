import { exponential, logarithm } from '../../numerics/exact-math.js';
import { mix, uniform } from '../../numerics/random.js';

/** What each random number of a sample is for. */
export const Draw = {
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
  /** And on from here, two at a time, `2 * proposals` numbers. */
  share: 12,
  resizedCrop: 300,
  /** And on from here: four for each of ten proposals. */
  resizedCropBox: 301,
  zoom: 341,
  zoomed: 342,
  rotation: 343,
  turned: 344,
  shear: 345,
  sheared: 346,
  translation: 347,
  movedDown: 348,
  movedRight: 349,
  verticalFlip: 350,
  trivialAugment: 351,
  operation: 352,
  strength: 353,
  sign: 354,
  saturation: 355,
  saturated: 356,
  hue: 357,
  shifted: 358,
  grayscale: 359,
  erasing: 360,
  /** And on from here: four for each of ten proposals. */
  erasingBox: 361,
  noise: 401,
  cutmix: 402,
  pasteRow: 403,
  pasteColumn: 404,
  mixtureKind: 405,
} as const;

/**
 * Proposals for a share before 0.5 is taken. With the largest alpha of a config, 2, one in six is accepted: all are refused once in some
 * 10^10 shares.
 */
const proposals = 128;

/** Random numbers of a sample in an epoch, each a function of (key, what it is for): their order does not matter. */
export class SampleDraws {
  /** A hash of (seed, epoch, the sample's key). */
  key = 0;

  /** 32 random bits. */
  bits(draw: number): number {
    return mix(this.key, draw);
  }

  happens(draw: number, probability: number): boolean {
    return this.bits(draw) < probability * 0x1_0000_0000;
  }

  /** An integer in [0, end). */
  below(draw: number, end: number): number {
    return Math.floor((this.bits(draw) * end) / 0x1_0000_0000);
  }

  /** In [low, high). */
  between(draw: number, low: number, high: number): number {
    return low + (high - low) * (this.bits(draw) / 0x1_0000_0000);
  }

  /** In [1 - strength, 1 + strength). */
  factor(draw: number, strength: number): number {
    return 1 + strength * (this.bits(draw) / 0x8000_0000 - 1);
  }

  /** e to a number in [low, high). */
  exponential(draw: number, low: number, high: number): number {
    return exponential(this.between(draw, low, high));
  }

  /** From Beta(alpha, alpha), by Jöhnk 1964. */
  beta(draw: number, alpha: number): number {
    for (let i = 0; i < proposals; i++) {
      const x = exponential(logarithm(uniform(this.bits(draw + 2 * i))) / alpha);
      const y = exponential(logarithm(uniform(this.bits(draw + 2 * i + 1))) / alpha);
      if (x + y <= 1) return x / (x + y);
    }
    return 0.5;
  }
}
