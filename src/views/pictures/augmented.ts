import type { CompleteConfig } from '../../config/resolved.js';
import type { PackedDataset } from '../../data/dataset.js';
import { openStored, type StoredSplit } from '../../data/stored.js';
import { nodePlatform } from '../../platform/node.js';
import { type SeenSample, sampleAugmenter } from '../../runtime/augmentation/augment-samples.js';
import { placesInEpoch } from '../../runtime/augmentation/epoch-places.js';

/** Training images, and what epochs see of them. */

export interface SeenInEpoch extends SeenSample {
  /** Of the image that it is mixed with. */
  readonly partnerLabel?: number;
}

export interface AugmentedImage {
  readonly index: number;
  readonly label: number;
  /** `[3, height, width]`, as what the epochs see. */
  readonly bytes: Uint8Array;
  /** undefined of an epoch that does not take the image. */
  readonly epochs: readonly (SeenInEpoch | undefined)[];
}

/**
 * What a training with this config sees of images in these epochs, images that they are mixed with included.
 * @param choose indices of images by all labels of the training split
 */
export function augmentedImages(
  config: Pick<CompleteConfig, 'training' | 'seed'>,
  dataset: PackedDataset,
  choose: (labels: Int32Array) => readonly number[],
  epochs: readonly number[],
): AugmentedImage[] {
  return withTraining(dataset, (stored) => {
    const { labels } = stored;
    const indices = choose(labels);
    const augment = sampleAugmenter(config, dataset, nodePlatform);
    const seen = epochs.map((epoch) =>
      placesInEpoch(config, labels, dataset.classes.length, indices, epoch).map((place) => {
        if (place === undefined) return undefined;
        const sample = { key: place.key, bytes: stored.sample(place.index) };
        const { partner } = place;
        if (partner === undefined) return augment(epoch, sample);
        const other = { key: partner.key, bytes: stored.sample(partner.index) };
        return { ...augment(epoch, { ...sample, partner: other }), partnerLabel: labels[partner.index]! };
      }),
    );
    return indices.map((index, i) => ({
      index,
      label: labels[index]!,
      bytes: stored.sample(index),
      epochs: seen.map((epoch) => epoch[i]),
    }));
  });
}

export function withTraining<T>(dataset: PackedDataset, body: (stored: StoredSplit) => T): T {
  const stored = openStored(dataset, 'train');
  try {
    return body(stored);
  } finally {
    stored.close();
  }
}

/** Indices of the first image of each of these classes, then of the second, until there are `count`. */
export function firstOfEach(labels: Int32Array, classes: readonly number[], count: number): number[] {
  const byClass = new Map(classes.map((label): [number, number[]] => [label, []]));
  for (const [index, label] of labels.entries()) {
    const own = byClass.get(label);
    if (own !== undefined && own.length < count) own.push(index);
  }
  return Array.from({ length: count }, (_, round) => [...byClass.values()].flatMap((own) => own[round] ?? []))
    .flat()
    .slice(0, count);
}
