import type { SplitName } from '../data/dataset.js';
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
