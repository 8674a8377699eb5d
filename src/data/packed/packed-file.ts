import type { Files, OpenFile } from '../../platform/platform.js';
import { bytesOfSample, type PackedDataset, type SplitName } from '../dataset.js';
import { cutShort } from '../faults.js';

/** An open packed file. Close it after use. System errors, and a file that ends too early, throw a UserError. */
export class PackedFile {
  readonly #dataset: PackedDataset;
  readonly #sampleBytes: number;
  readonly #file: OpenFile;

  constructor(dataset: PackedDataset, files: Files) {
    this.#dataset = dataset;
    this.#sampleBytes = bytesOfSample(dataset);
    this.#file = files.open(dataset.path);
  }

  /** Reads `count` samples of a split into `into`, from byte `offset` on. */
  readSamples(split: SplitName, first: number, count: number, into: Uint8Array, offset = 0): void {
    const position = this.#dataset.splits[split].samplesOffset + first * this.#sampleBytes;
    this.#read(into, position, offset, count * this.#sampleBytes);
  }

  /** Reads all labels of a split, int32, into `into`, from byte `offset` on. */
  readLabels(split: SplitName, into: Uint8Array, offset = 0): void {
    const { samples, labelsOffset } = this.#dataset.splits[split];
    this.#read(into, labelsOffset, offset, samples * 4);
  }

  /** The checksums of a split's samples, `[samples]`. */
  checksums(split: SplitName): Uint32Array {
    const { samples, checksumsOffset } = this.#dataset.splits[split];
    const checksums = new Uint32Array(samples);
    this.#read(new Uint8Array(checksums.buffer), checksumsOffset, 0, samples * 4);
    return checksums;
  }

  close(): void {
    this.#file.close();
  }

  #read(into: Uint8Array, position: number, offset: number, length: number): void {
    if (!this.#file.read(into, position, offset, length)) throw cutShort(this.#dataset.path);
  }
}

/** Calls `use` with the open file, closes it, and returns the result. */
export function withPackedFile<T>(dataset: PackedDataset, files: Files, use: (file: PackedFile) => T): T {
  const file = new PackedFile(dataset, files);
  try {
    return use(file);
  } finally {
    file.close();
  }
}
