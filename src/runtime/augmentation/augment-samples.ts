import { Arena } from '../../compile/arena.js';
import { planAugmentation } from '../../compile/memory-plan.js';
import type { CompleteConfig } from '../../config/resolve.js';
import type { SampleFormat } from '../../data/dataset.js';
import { groupBytes, instantiateKernels, lanes } from '../../kernels/kernels.js';
import type { Platform } from '../../platform/platform.js';
import { Augmenter } from './augmenter.js';

/** A sample with its index in the training split. */
export interface IndexedSample {
  readonly index: number;
  /** `[3, height, width]` */
  readonly bytes: Uint8Array;
}

/**
 * What a training sees of samples in an epoch: `[3, height, width]` bytes each, before they are normalised. In a training the other
 * image of a mixture is another of the batch; here it is the next of the list.
 */
export function augmentSamples(
  config: Pick<CompleteConfig, 'training' | 'seed'>,
  format: SampleFormat,
  samples: readonly IndexedSample[],
  epochs: readonly number[],
  platform: Pick<Platform, 'compileKernels' | 'createSharedMemory'>,
): Uint8Array[][] {
  const [channels, height, width] = format.sampleShape as [number, number, number];
  const size = channels * height * width;
  const { augmentation } = config.training;
  const margin = 64 + (augmentation.crop?.padding ?? 0);
  const arena = new Arena();
  const plan = planAugmentation(format.sampleShape, augmentation, arena);
  const addresses = arena.take(2 * lanes * 4);
  const stored = samples.map(() => arena.take(size + 2 * margin) + margin);
  const groups = arena.take(size * groupBytes);
  const memory = platform.createSharedMemory(arena.size);
  const kernels = instantiateKernels(platform.compileKernels().kernels, memory);
  const { buffer } = memory;
  samples.forEach(({ bytes }, i) => {
    new Uint8Array(buffer).set(bytes, stored[i]!);
  });
  const words = new Uint32Array(buffer, addresses, 2 * lanes);
  const values = new Float32Array(buffer, groups, size * lanes);
  const augmenter = new Augmenter(augmentation, kernels, buffer, plan, format, config.seed);

  return epochs.map((epoch) => {
    augmenter.beginPhase(epoch);
    return samples.map(({ index }, i) => {
      const next = (i + 1) % samples.length;
      words[0] = augmenter.apply(0, index, stored[i]!);
      words[lanes] = augmenter.applyPartner(0, samples[next]!.index, stored[next]!);
      kernels.gatherJittered(addresses, 0, size, 1, 0, plan.jitter, 0, groups);
      if (augmentation.mixup !== undefined) {
        kernels.gatherJittered(addresses + lanes * 4, 0, size, 1, 0, plan.jitter + 3 * groupBytes, 1, groups);
      }
      return Uint8Array.from({ length: size }, (_, value) => Math.round(values[value * lanes]!));
    });
  });
}
