import type { CompleteConfig } from '../../config/resolved.js';
import { createSampler } from '../../data/sampler.js';
import { fillClassIndex } from '../class-index.js';
import { mixesImages } from './mixture.js';
import { partnerKey, partnerOf } from './partner.js';

/** A sample's index in the training split, and the key of its random numbers. */
export interface KeyedSample {
  readonly index: number;
  readonly key: number;
}

/** A sample as an epoch takes it, and the one that it is mixed with where samples are mixed. */
export interface EpochPlace extends KeyedSample {
  readonly partner?: KeyedSample;
}

/**
 * The first place of each of these samples in an epoch; undefined of one that the epoch does not take.
 * @param labels of the training split
 */
export function placesInEpoch(
  { seed, training }: Pick<CompleteConfig, 'seed' | 'training'>,
  labels: Int32Array,
  classes: number,
  indices: readonly number[],
  epoch: number,
): (EpochPlace | undefined)[] {
  const { batchSize, augmentation } = training;
  const mixes = mixesImages(augmentation);
  // Each sample is taken once, with its index as its key.
  if (!mixes && training.sampler !== 'balanced') return indices.map((index) => ({ index, key: index }));
  const byClass = { samples: new Int32Array(labels.length), starts: new Int32Array(classes + 1) };
  fillClassIndex(byClass, labels);
  const sampler = createSampler(training.sampler, labels.length, seed, epoch, byClass);
  const at = (position: number): KeyedSample => {
    const index = sampler.at(position);
    return { index, key: sampler.keyAt?.(position) ?? index };
  };
  const found = new Map<number, EpochPlace>();
  const wanted = new Set(indices);
  const key = partnerKey(seed, epoch);
  for (let position = 0; position < labels.length && found.size < wanted.size; position++) {
    const index = sampler.at(position);
    if (!wanted.has(index) || found.has(index)) continue;
    const batch = position - (position % batchSize);
    const size = Math.min(batchSize, labels.length - batch);
    const partner = mixes && at(partnerOf(key, position, batch, size));
    found.set(index, { ...at(position), ...(partner && { partner }) });
  }
  return indices.map((index) => found.get(index));
}
