import type { MemoryPlan } from '../compile/memory-plan.js';
import { bytesOfSample, type PackedDataset, type SplitName, splitNames } from '../data/dataset.js';
import { cutShort } from '../data/stored.js';
import { withFile } from '../files/open-file.js';
import { readFully } from '../files/transfer.js';

/**
 * Read the labels, and the samples that stay in memory, to their places.
 * @throws UserError (exit code data, or environment) where the packed file cannot be read
 */
export function readResident(buffer: SharedArrayBuffer, plan: MemoryPlan, dataset: PackedDataset): void {
  const bytes = new Uint8Array(buffer);
  const sampleBytes = bytesOfSample(dataset);
  withFile(dataset.path, (file) => {
    const read = (to: number, length: number, from: number) => {
      if (!readFully(file, bytes, from, to, length)) throw cutShort(dataset.path);
    };
    for (const name of splitNames) {
      const split = dataset.splits[name];
      const { samples, resident, labels } = plan.splits[name];
      read(samples, resident * sampleBytes, split.samplesOffset);
      read(labels, split.samples * 4, split.labelsOffset);
    }
  });
}

/** The labels of a split, in place. */
export const labelsOf = (
  buffer: SharedArrayBuffer,
  plan: MemoryPlan,
  dataset: PackedDataset,
  split: SplitName,
): Int32Array => new Int32Array(buffer, plan.splits[split].labels, dataset.splits[split].samples);
