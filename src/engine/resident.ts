import { closeSync, openSync } from 'node:fs';
import { bytesOfSample, type PackedDataset, type SplitName, splitNames } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';
import { readFully } from '../files/transfer.js';
import { whileReading } from '../files/unreadable.js';
import type { MemoryPlan } from './memory-plan.js';

/**
 * Read the labels, and the samples that stay in memory, to their places.
 * @throws UserError (exit code data, or environment) where the packed file cannot be read
 */
export function readResident(buffer: SharedArrayBuffer, plan: MemoryPlan, dataset: PackedDataset): void {
  const bytes = new Uint8Array(buffer);
  const sampleBytes = bytesOfSample(dataset);
  const file = whileReading(dataset.path, () => openSync(dataset.path, 'r'));
  const read = (to: number, length: number, from: number) => {
    const whole = whileReading(dataset.path, () => readFully(file, bytes, from, to, length));
    if (!whole) throw new UserError(cutShort(dataset.path), ExitCode.data);
  };
  try {
    for (const name of splitNames) {
      const split = dataset.splits[name];
      const { samples, resident, labels } = plan.splits[name];
      read(samples, resident * sampleBytes, split.samplesOffset);
      read(labels, split.samples * 4, split.labelsOffset);
    }
  } finally {
    closeSync(file);
  }
}

export const cutShort = (path: string): string => `${path} is cut short; delete it, and it is made again`;

/** The labels of a split, in place. */
export const labelsOf = (
  buffer: SharedArrayBuffer,
  plan: MemoryPlan,
  dataset: PackedDataset,
  split: SplitName,
): Int32Array => new Int32Array(buffer, plan.splits[split].labels, dataset.splits[split].samples);
