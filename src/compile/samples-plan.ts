import type { ResolvedConfig } from '../config/resolved.js';
import { bytesOfSample, type SampleFormat, type SplitName, splitNames } from '../data/dataset.js';
import type { Arena } from './arena.js';
import type { SharedMemoryLimit } from './memory-limit.js';

/**
 * Where the samples lie: in the shared memory as far as it reaches (they are *resident*), the others in their file, prefetched into a ring.
 */
export interface SamplesPlan {
  readonly splits: Readonly<Record<SplitName, SplitPlan>>;
  /** The ring buffer of prefetched samples, in the order of an epoch: see `ring.ts`. */
  readonly ring: {
    readonly address: number;
    /** Room for so many; 0 where all stay. */
    readonly samples: number;
  };
  /** Words of `ring.ts`. */
  readonly ringWords: number;
  readonly ringChunks: number;
  /** The training samples by class, for the balanced sampler: see `ClassIndex`. */
  readonly byClass:
    | { readonly samples: number; readonly count: number; readonly starts: number; readonly classes: number }
    | undefined;
}

export interface SplitPlan {
  /** Of the first `resident` samples. */
  readonly samples: number;
  readonly resident: number;
  /** Of all samples. */
  readonly labels: number;
}

/** What has to be known of a dataset to give it a place. */
export interface StoredSamples extends Pick<SampleFormat, 'sampleType' | 'sampleShape'> {
  readonly splits: Readonly<Record<SplitName, { readonly samples: number }>>;
}

/** Bytes of a ring, unless two mini-batches take more: enough for a disk that stalls now and then, small enough for the caches. */
const ringBytes = 2 ** 24;

/**
 * Validation and test samples stay in memory first: they come in every epoch, in one order.
 * @throws UserError where not even a ring of two of the largest batches fits
 */
export function planSamples(
  arena: Arena,
  dataset: StoredSamples,
  classes: number,
  { sampler, augmentation }: Pick<ResolvedConfig['training'], 'sampler' | 'augmentation'>,
  largestBatch: number,
  limit: SharedMemoryLimit,
): SamplesPlan {
  const sampleBytes = bytesOfSample(dataset);
  // Kernels read up to 7 bytes behind a sample, or, of an image that is moved, as far as it moves, on both sides.
  const margin = 64 + (augmentation.crop?.padding ?? 0);
  const place = (samples: number) => arena.take(samples * sampleBytes + 2 * margin) + margin;
  const counts = splitNames.map((name) => dataset.splits[name].samples);
  const labels = counts.map((count) => arena.take(count * 4));
  const train = dataset.splits.train.samples;
  const byClass =
    sampler === 'balanced'
      ? { samples: arena.take(train * 4), count: train, starts: arena.take((classes + 1) * 4), classes }
      : undefined;
  const ringWords = arena.take(256);
  const all = counts.reduce((sum, count) => sum + count, 0) * sampleBytes;
  const edges = splitNames.length * (2 * margin + 64);
  // All samples of a small dataset, and of a large one a whole ring, are worth more than a limit that nobody has asked for.
  const enough = arena.size + edges + Math.min(all, 2 * ringBytes);
  const most = Math.max(limit.wanted, Math.min(enough, limit.most));
  const room = most - arena.size - edges;

  let ringSamples = 0;
  if (all > room) {
    ringSamples = Math.max(2 * largestBatch, Math.floor(Math.min(ringBytes, room / 2) / sampleBytes));
    const needed = arena.size + (ringSamples + 1) * sampleBytes + 8 * ringSamples + 4096;
    if (needed > most) throw limit.refusal(needed);
  }
  const ring =
    ringSamples === 0 ? { address: 0, samples: 0 } : { address: place(ringSamples), samples: ringSamples };
  const ringChunks = arena.take(ringSamples * 4);

  const resident = new Map<SplitName, number>();
  let left = Math.max(0, Math.floor((most - arena.size - edges) / sampleBytes));
  for (const name of ['validation', 'test', 'train'] as const) {
    const count = Math.min(dataset.splits[name].samples, left);
    resident.set(name, count);
    left -= count;
  }
  const splits = splitNames.map((name, i) => {
    const count = resident.get(name)!;
    return [name, { samples: place(count), resident: count, labels: labels[i]! }] as const;
  });
  return {
    splits: Object.fromEntries(splits) as SamplesPlan['splits'],
    ring,
    ringWords,
    ringChunks,
    byClass,
  };
}
