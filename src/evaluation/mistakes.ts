import type { PackedDataset, SplitName } from '../data/dataset.js';
import type { Outcomes } from './scores.js';

/** Indices of at most `count` samples that were taken for another class: the most confident first, of equal ones in order. */
export function confidentlyWrong(
  { labels, predicted, confidence }: Pick<Outcomes, 'labels' | 'predicted' | 'confidence'>,
  count: number,
): number[] {
  const wrong = Array.from(labels.keys()).filter((i) => predicted[i] !== labels[i]);
  return wrong.sort((a, b) => confidence[b]! - confidence[a]! || a - b).slice(0, count);
}

/** The split that sample `index` of the outcomes is from, and its index there. */
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

/** An image that was taken for another class. */
export interface MistakenImage {
  /** Below the dataset's folder: `PackedDataset.nameOf`. */
  readonly image: string | undefined;
  /** Where it is in the packed dataset. */
  readonly split: SplitName;
  readonly index: number;
  readonly class: string;
  readonly predicted: string;
  /** Probability of the class that was predicted. */
  readonly confidence: number;
}

/** At most `most`, the most confident first. */
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
