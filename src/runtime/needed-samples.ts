import type { ResolvedConfig } from '../config/resolve.js';
import { lanes } from '../kernels/kernels.js';
import { mixesImages } from './augmentation/mixture.js';
import { partnerKey, partnerOf } from './augmentation/partner.js';
import { cutBatch, type Share } from './batch.js';
import { type Phase, samplesOfStep } from './phase.js';

/** Which samples of an epoch this process needs: all, or, of several ranks, those of its items and those that they are mixed with. */
export class NeededSamples {
  readonly #share: Share;
  readonly #seed: number;
  readonly #mixes: boolean;
  #phase: Phase | undefined;
  #partnerKey = 0;

  constructor(share: Share, { seed, training }: Pick<ResolvedConfig, 'seed' | 'training'>) {
    this.#share = share;
    this.#seed = seed;
    this.#mixes = mixesImages(training.augmentation);
  }

  beginPhase(phase: Phase): void {
    this.#phase = phase;
    this.#partnerKey = partnerKey(this.#seed, phase.epoch);
  }

  /** @param position in the epoch */
  has(position: number): boolean {
    if (this.#share.ranks === 1) return true;
    const { batchSize, itemMicroBatches, training } = this.#phase!;
    const step = Math.floor(position / batchSize);
    const batch = step * batchSize;
    const size = samplesOfStep(this.#phase!, step);
    const { firstItem, endItem } = cutBatch(size, itemMicroBatches, this.#share);
    const isOwn = (at: number) =>
      at >= firstItem * itemMicroBatches * lanes && at < endItem * itemMicroBatches * lanes;
    if (isOwn(position - batch)) return true;
    if (!training || !this.#mixes) return false;
    // Partners lie equally far on, around the mini-batch: so this is that of the sample equally far back.
    const distance = partnerOf(this.#partnerKey, batch, batch, size) - batch;
    return isOwn((position - batch - distance + size) % size);
  }
}
