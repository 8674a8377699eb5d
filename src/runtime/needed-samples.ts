import type { ResolvedConfig } from '../config/resolved.js';
import { mixesImages } from './augmentation/mixture.js';
import { partnerKey, partnerOf } from './augmentation/partner.js';
import { cutBatch, ownSamples, type Share } from './batch.js';
import { type Phase, samplesOfStep, stepsOf } from './phase.js';

type Samples = ReturnType<typeof ownSamples>;
const none: Samples = { begin: 0, end: 0 };

/** Which samples of an epoch this process needs: all, or, of several ranks, those of its items and those that they are mixed with. */
export class NeededSamples {
  readonly #share: Share;
  readonly #seed: number;
  readonly #mixes: boolean;
  #phase: Phase | undefined;
  /** This rank's samples of a full mini-batch, and of the last one. */
  #full: Samples = none;
  #last: Samples = none;
  #partnerKey = 0;

  constructor(share: Share, { seed, training }: Pick<ResolvedConfig, 'seed' | 'training'>) {
    this.#share = share;
    this.#seed = seed;
    this.#mixes = mixesImages(training.augmentation);
  }

  beginPhase(phase: Phase): void {
    const ofBatch = (samples: number) =>
      ownSamples(cutBatch(samples, phase.itemMicroBatches, this.#share), samples);
    this.#phase = phase;
    this.#full = ofBatch(phase.batchSize);
    this.#last = ofBatch(samplesOfStep(phase, stepsOf(phase) - 1));
    this.#partnerKey = partnerKey(this.#seed, phase.epoch);
  }

  /** @param position in the epoch */
  has(position: number): boolean {
    if (this.#share.ranks === 1) return true;
    const { batchSize, training } = this.#phase!;
    const step = Math.floor(position / batchSize);
    const batch = step * batchSize;
    const size = samplesOfStep(this.#phase!, step);
    const { begin, end } = size === batchSize ? this.#full : this.#last;
    const at = position - batch;
    if (at >= begin && at < end) return true;
    if (!training || !this.#mixes) return false;
    // Partners lie equally far on, around the mini-batch: so this is that of the sample equally far back.
    const distance = partnerOf(this.#partnerKey, batch, batch, size) - batch;
    const other = (at - distance + size) % size;
    return other >= begin && other < end;
  }
}
