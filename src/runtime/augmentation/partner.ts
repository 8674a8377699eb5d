import { hash, mix, Purpose } from '../../numerics/random.js';

/** Which sample another is mixed with (mixup, CutMix). */

/** For `partnerOf`, of an epoch. */
export const partnerKey = (seed: number, epoch: number): number => hash(seed, Purpose.mixup, epoch);

/**
 * The sample some places further on in the mini-batch, cyclically; how many is random, and the same for all of it.
 * @param position in the epoch, as what is returned
 * @param batch position of the mini-batch's first sample; it has `size`
 */
export function partnerOf(key: number, position: number, batch: number, size: number): number {
  const step = 1 + (mix(key, batch) % Math.max(1, size - 1));
  return batch + ((position - batch + step) % size);
}
