import { closeSync, openSync } from 'node:fs';
import type { UserError } from '../errors.js';
import { readFully } from '../files/transfer.js';
import { whileReading } from '../files/unreadable.js';
import { bytesOfSample, type PackedDataset, type SplitName } from './dataset.js';
import { dataError } from './faults.js';

/** A split in its packed file, sample by sample. Close it after use. */
export interface StoredSplit {
  readonly labels: Int32Array;
  /** The bytes of a sample as `SampleFormat` describes them. */
  sample(index: number): Uint8Array;
  close(): void;
}

/** @throws UserError (exit code data) where the file is cut short */
export function openStored(dataset: PackedDataset, name: SplitName): StoredSplit {
  const { samples, samplesOffset, labelsOffset } = dataset.splits[name];
  const sampleBytes = bytesOfSample(dataset);
  const file = whileReading(dataset.path, () => openSync(dataset.path, 'r'));
  const read = (bytes: number, position: number) => {
    const into = new Uint8Array(bytes);
    if (whileReading(dataset.path, () => readFully(file, into, position))) return into;
    throw cutShort(dataset.path);
  };
  const close = () => closeSync(file);
  try {
    const labels = new Int32Array(read(samples * 4, labelsOffset).buffer);
    return {
      labels,
      sample: (index) => read(sampleBytes, samplesOffset + index * sampleBytes),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** What to throw for a packed file that ends too early. */
export const cutShort = (path: string): UserError =>
  dataError(`${path} is cut short; delete it, and it is made again`);
