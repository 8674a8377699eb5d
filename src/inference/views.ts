import type { SampleFormat } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';

/** Test-time augmentation: an image is classified by the mean of its logits in several views. */
export const ttaChoices = ['none', 'flip', 'shifts'] as const;
export type Tta = (typeof ttaChoices)[number];

/** How an image is seen: row r and column x are row r + down and column x + right of the image, or of its mirror image. */
export interface ImageView {
  readonly down: number;
  readonly right: number;
  readonly mirrored: boolean;
  /** Weight in the mean: a power of two, so that the product is exact. */
  readonly weight: number;
}

const asItIs: ImageView = { down: 0, right: 0, mirrored: false, weight: 1 };
const withMirror = (view: ImageView): ImageView[] =>
  [false, true].map((mirrored) => ({ ...view, mirrored, weight: view.weight / 2 }));

/** `flip`: the image and its mirror image. `shifts`: the same, and both moved a pixel either way along the diagonal (Jordan 2024). */
const viewsByName: Readonly<Record<Tta, readonly ImageView[]>> = {
  none: [asItIs],
  flip: withMirror(asItIs),
  shifts: [
    { ...asItIs, weight: 1 / 2 },
    { ...asItIs, down: 1, right: 1, weight: 1 / 4 },
    { ...asItIs, down: -1, right: -1, weight: 1 / 4 },
  ].flatMap(withMirror),
};

/** Describes the augmentation in results. */
export const ttaText: Readonly<Record<Exclude<Tta, 'none'>, string>> = {
  flip: 'logits are the mean over the image and its mirror image',
  shifts:
    'logits are the mean over the image and its mirror image, as they are (half of the weight) and moved by a pixel up left and down right',
};

/** @throws UserError (exit code usage) where a sample is no image */
export function viewsOf(
  tta: Tta,
  { sampleType, sampleShape }: Pick<SampleFormat, 'sampleType' | 'sampleShape'>,
): readonly ImageView[] {
  if (tta !== 'none' && sampleType !== 'uint8') {
    throw new UserError(
      `tta is ${tta} (--tta), which is of images, and the network sees ${sampleShape.join(' x ')} values that are no pixels; leave it out`,
      ExitCode.usage,
      { path: 'tta' },
    );
  }
  return viewsByName[tta];
}
