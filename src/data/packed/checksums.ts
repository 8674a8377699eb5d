import { nodeFiles } from '../../platform/node-files.js';
import { bytesOfSample, type PackedDataset, type SplitName, splitNames } from '../dataset.js';
import { withPackedFile } from './packed-file.js';

/**
 * Checksums that detect damaged samples: a disk or a copy may flip a bit, which a training would not notice. `readPacked` checks labels
 * and header.
 */

/** Bytes read at a time. */
const readBytes = 1 << 23;

/** CRC-32 of a sample's bytes, as in zlib. */
export const checksumOf = (sample: Uint8Array): number => nodeFiles.checksum(sample);

/** The checksum of each of `count` consecutive samples. */
export function checksumsOf(samples: Uint8Array, count: number): Uint32Array {
  const bytes = samples.length / count;
  return Uint32Array.from({ length: count }, (_, i) =>
    checksumOf(samples.subarray(i * bytes, (i + 1) * bytes)),
  );
}

/** The checksums of a split's samples, `[samples]`. */
export function readChecksums(dataset: PackedDataset, split: SplitName): Uint32Array {
  return withPackedFile(dataset, nodeFiles, (file) => file.checksums(split));
}

/** Reads the whole file, and returns the samples whose checksums do not match. Throws a UserError where it cannot be read. */
export function damagedSamples(dataset: PackedDataset): { split: SplitName; index: number }[] {
  const bytes = bytesOfSample(dataset);
  const most = Math.max(1, Math.floor(readBytes / bytes));
  const damaged: { split: SplitName; index: number }[] = [];
  withPackedFile(dataset, nodeFiles, (file) => {
    const buffer = new Uint8Array(most * bytes);
    for (const split of splitNames) {
      const { samples } = dataset.splits[split];
      const checksums = file.checksums(split);
      for (let first = 0; first < samples; first += most) {
        const count = Math.min(most, samples - first);
        file.readSamples(split, first, count, buffer);
        for (let i = 0; i < count; i++) {
          const sample = buffer.subarray(i * bytes, (i + 1) * bytes);
          if (checksumOf(sample) !== checksums[first + i]) damaged.push({ split, index: first + i });
        }
      }
    }
  });
  return damaged;
}
