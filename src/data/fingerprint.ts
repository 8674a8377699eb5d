import { createHash } from 'node:crypto';
import { bytesOf } from '../tensors/safetensors.js';
import { type PackedDataset, splitNames } from './dataset.js';
import { readChecksums } from './packed/checksums.js';
import { openStored } from './stored.js';

/**
 * SHA-256 (hex) of all that a training sees of a dataset: classes, format, normalization, and of each sample its label and CRC-32. It
 * is the same wherever the dataset lies and whenever it was packed, which `PackedDataset.key` is not.
 */
export function fingerprintOf(dataset: PackedDataset): string {
  const { classes, sampleType, sampleShape, normalization } = dataset;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([classes, sampleType, sampleShape, normalization]));
  for (const split of splitNames) {
    const stored = openStored(dataset, split);
    stored.close();
    hash
      .update(`\0${split} ${stored.labels.length}\0`)
      .update(bytesOf(stored.labels))
      .update(bytesOf(readChecksums(dataset, split)));
  }
  return hash.digest('hex');
}
