import type { AugmentationConfig } from '../../config/schema.js';
import { Box } from './box.js';
import { Draw, type SampleDraws } from './sample-draws.js';

/** Whether training images, and their labels, are mixed with others. */
export const mixesImages = ({ mixup, cutmix }: AugmentationConfig): boolean =>
  mixup !== undefined || cutmix !== undefined;

/** How a sample is mixed with its partner: their values by mixup, or a rectangle of the partner's by CutMix. */
export class Mixture {
  readonly #config: AugmentationConfig;
  readonly #height: number;
  readonly #width: number;
  /** The part that the sample has in the label; the partner has the rest. */
  share = 1;
  /** The part that its values have in the network's input. */
  weight = 1;
  /** Whether `box` is the partner's. */
  pastes = false;
  readonly box = new Box();

  constructor(config: AugmentationConfig, height: number, width: number) {
    this.#config = config;
    this.#height = height;
    this.#width = width;
  }

  draw(draws: SampleDraws): void {
    const { mixup, cutmix } = this.#config;
    this.share = 1;
    this.weight = 1;
    this.pastes = false;
    const isCutmix = cutmix !== undefined && (mixup === undefined || draws.happens(Draw.mixtureKind, 0.5));
    if (isCutmix) {
      if (draws.happens(Draw.cutmix, cutmix.probability)) this.#drawBox(draws, cutmix.alpha);
    } else if (mixup !== undefined && draws.happens(Draw.mixup, mixup.probability)) {
      this.share = draws.beta(Draw.share, mixup.alpha);
      this.weight = this.share;
    }
  }

  /** Yun et al. 2019: of the image's shape, its centre anywhere; its area is what lies in the image. */
  #drawBox(draws: SampleDraws, alpha: number): void {
    const [height, width] = [this.#height, this.#width];
    const side = Math.sqrt(1 - draws.beta(Draw.share, alpha));
    const [rows, columns] = [Math.floor(height * side), Math.floor(width * side)];
    const top = draws.below(Draw.pasteRow, height) - (rows >> 1);
    const left = draws.below(Draw.pasteColumn, width) - (columns >> 1);
    this.box.setWithin(top, left, rows, columns, height, width);
    const { box } = this;
    const area = (box.bottom - box.top) * (box.right - box.left);
    this.share = 1 - area / (height * width);
    this.pastes = area > 0;
  }
}
