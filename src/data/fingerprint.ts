import { createHash } from 'node:crypto';
import { bytesOf } from '../tensors/safetensors.js';
import { type PackedDataset, splitNames } from './dataset.js';
import { readChecksums } from './packed/checksums.js';
import { openStored } from './stored.js';

/**
 * SHA-256 (hex) of all that a training sees of a dataset: classes, format, normalization, and each sample's label and CRC-32. Unlike
 * `PackedDataset.key`, it does not depend on where the dataset lies or when it was packed.
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
