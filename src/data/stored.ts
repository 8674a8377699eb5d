import { nodeFiles } from '../platform/node-files.js';
import { bytesOfSample, type PackedDataset, type SplitName } from './dataset.js';
import { PackedFile } from './packed/packed-file.js';

/** Reads a packed split sample by sample. Close it after use. */
export interface StoredSplit {
  readonly labels: Int32Array;
  /** The bytes of a sample as `SampleFormat` describes them. */
  sample(index: number): Uint8Array;
  close(): void;
}

/** @throws UserError (exit code data) where the file is cut short */
export function openStored(dataset: PackedDataset, name: SplitName): StoredSplit {
  const file = new PackedFile(dataset, nodeFiles);
  const close = () => file.close();
  try {
    const labels = new Int32Array(dataset.splits[name].samples);
    file.readLabels(name, new Uint8Array(labels.buffer));
    return {
      labels,
      sample(index) {
        const sample = new Uint8Array(bytesOfSample(dataset));
        file.readSamples(name, index, 1, sample);
        return sample;
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
