import { Arena } from '../../compile/arena.js';
import { planAugmentation } from '../../compile/memory-plan.js';
import type { CompleteConfig } from '../../config/resolved.js';
import type { SampleFormat } from '../../data/dataset.js';
import { groupBytes, instantiateKernels, lanes } from '../../kernels/kernels.js';
import type { Platform } from '../../platform/platform.js';
import { Augmenter } from './augmenter.js';

/** A sample's bytes, `[3, height, width]`, and the key of its random numbers. */
export interface Sample {
  readonly key: number;
  readonly bytes: Uint8Array;
}

/** A sample to change, and the one that it is mixed with where samples are mixed. */
export interface SamplePair extends Sample {
  readonly partner?: Sample;
}

/** What a training sees of a sample: bytes before they are normalised, and its part in the label; its partner has the rest. */
export interface SeenSample {
  readonly bytes: Uint8Array;
  readonly share: number;
}

/** Makes of samples what an epoch's augmentation makes of them, with what changes them in a training. */
export type AugmentSample = (epoch: number, pair: SamplePair) => SeenSample;

export function sampleAugmenter(
  config: Pick<CompleteConfig, 'training' | 'seed'>,
  format: SampleFormat,
  platform: Pick<Platform, 'compileKernels' | 'createSharedMemory'>,
): AugmentSample {
  const [channels, height, width] = format.sampleShape as [number, number, number];
  const size = channels * height * width;
  const { augmentation } = config.training;
  const margin = 64 + (augmentation.crop?.padding ?? 0);
  const arena = new Arena();
  const plan = planAugmentation(format.sampleShape, augmentation, arena);
  const addresses = arena.take(2 * lanes * 4);
  const [own, other] = [0, 1].map(() => arena.take(size + 2 * margin) + margin) as [number, number];
  const groups = arena.take(size * groupBytes);
  const memory = platform.createSharedMemory(arena.size);
  const kernels = instantiateKernels(platform.compileKernels().kernels, memory);
  const { buffer } = memory;
  const bytes = new Uint8Array(buffer);
  const words = new Uint32Array(buffer, addresses, 2 * lanes);
  const values = new Float32Array(buffer, groups, size * lanes);
  const augmenter = new Augmenter(augmentation, kernels, buffer, plan, format, config.seed);

  return (epoch, { partner, ...sample }) => {
    augmenter.beginPhase(epoch);
    bytes.set(sample.bytes, own);
    words[0] = augmenter.apply(0, sample.key, own);
    if (partner !== undefined) {
      bytes.set(partner.bytes, other);
      words[lanes] = augmenter.applyPartner(0, partner.key, other);
    }
    kernels.gatherJittered(addresses, 0, size, 1, 0, plan.jitter, 0, groups);
    if (partner !== undefined && augmentation.mixup !== undefined) {
      kernels.gatherJittered(addresses + lanes * 4, 0, size, 1, 0, plan.jitter + 3 * groupBytes, 1, groups);
    }
    const seen = Uint8Array.from({ length: size }, (_, value) => Math.round(values[value * lanes]!));
    return { bytes: seen, share: augmenter.share };
  };
}
