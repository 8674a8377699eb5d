import type { MemoryPlan } from '../compile/memory-plan.js';
import { bytesOfSample, type PackedDataset, type SplitName } from '../data/dataset.js';
import { damaged } from '../data/faults.js';
import type { Platform } from '../platform/platform.js';

/** Bytes that are checked before the main thread may do other work: some 3 ms. */
const bytesAtOnce = 2 ** 22;

/**
 * Whether a split's samples in memory are those that were packed. The main thread does it while the first epoch runs, when it has
 * nothing else to do: a start need not wait for it, and a damaged sample still ends the run.
 * @param checksums of the split's samples, as they were packed
 * @returns what is wrong, if anything is
 */
export async function verifyResident(
  buffer: SharedArrayBuffer,
  plan: MemoryPlan,
  dataset: PackedDataset,
  split: SplitName,
  checksums: Uint32Array,
  { files, pause }: Pick<Platform, 'files' | 'pause'>,
): Promise<string | undefined> {
  const { samples, resident } = plan.splits[split];
  const bytes = bytesOfSample(dataset);
  const samplesAtOnce = Math.max(1, Math.floor(bytesAtOnce / bytes));
  const stored = new Uint8Array(buffer, samples, resident * bytes);
  for (let first = 0; first < resident; first += samplesAtOnce) {
    await pause();
    for (let i = first; i < Math.min(resident, first + samplesAtOnce); i++) {
      if (files.checksum(stored.subarray(i * bytes, (i + 1) * bytes)) !== checksums[i]) {
        return damaged(dataset.path, split, i);
      }
    }
  }
  return undefined;
}
