import type { PackedDataset, SplitName } from '../data/dataset.js';
import type { Outcomes } from './scores.js';

/** Indices of at most `count` misclassified samples, the most confident first; equal ones in order. */
export function confidentlyWrong(
  { labels, predicted, confidence }: Pick<Outcomes, 'labels' | 'predicted' | 'confidence'>,
  count: number,
): number[] {
  const wrong = Array.from(labels.keys()).filter((i) => predicted[i] !== labels[i]);
  return wrong.sort((a, b) => confidence[b]! - confidence[a]! || a - b).slice(0, count);
}

/** The split of sample `index` of the outcomes, and its index in the split. */
export function placeOf(
  { parts }: Pick<Outcomes, 'parts'>,
  index: number,
): { split: SplitName; index: number } {
  for (const { split, samples } of parts) {
    if (index < samples) return { split, index };
    index -= samples;
  }
  throw new RangeError('there is no such sample');
}

/** A misclassified image. */
export interface MistakenImage {
  /** Its name, from `PackedDataset.nameOf`. */
  readonly image: string | undefined;
  /** Its place in the packed dataset. */
  readonly split: SplitName;
  readonly index: number;
  readonly class: string;
  readonly predicted: string;
  /** Probability of the predicted class. */
  readonly confidence: number;
}

/** The `most` most confident mistakes. */
export function mistakesOf(outcomes: Outcomes, dataset: PackedDataset, most: number): MistakenImage[] {
  const { labels, predicted, confidence, classes } = outcomes;
  return confidentlyWrong(outcomes, most).map((i) => {
    const { split, index } = placeOf(outcomes, i);
    return {
      image: dataset.nameOf?.(split, index),
      split,
      index,
      class: classes[labels[i]!]!,
      predicted: classes[predicted[i]!]!,
      confidence: confidence[i]!,
    };
  });
}
