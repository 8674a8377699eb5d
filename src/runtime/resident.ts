import type { MemoryPlan } from '../compile/memory-plan.js';
import { type PackedDataset, type SplitName, splitNames } from '../data/dataset.js';
import type { PackedFile } from '../data/packed/packed-file.js';

/**
 * Read all labels and the resident samples, those that stay in memory, to where the plan has them.
 * @throws UserError (exit code data, or environment) where the packed file cannot be read
 */
export function readResident(buffer: SharedArrayBuffer, plan: MemoryPlan, file: PackedFile): void {
  const bytes = new Uint8Array(buffer);
  for (const name of splitNames) {
    const { samples, resident, labels } = plan.splits[name];
    file.readSamples(name, 0, resident, bytes, samples);
    file.readLabels(name, bytes, labels);
  }
}

/** The labels of a split, in place. */
export const labelsOf = (
  buffer: SharedArrayBuffer,
  plan: MemoryPlan,
  dataset: PackedDataset,
  split: SplitName,
): Int32Array => new Int32Array(buffer, plan.splits[split].labels, dataset.splits[split].samples);
