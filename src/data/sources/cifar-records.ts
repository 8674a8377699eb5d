import { join } from 'node:path';
import { withFile } from '../../files/open-file.js';
import { counted, dataError, listed } from '../faults.js';
import type { SourceSplit } from '../source.js';
import { readInto } from './bytes.js';
import type { Numbering } from './labels.js';

/** Records read at a time. */
const recordsAtOnce = 1024;
const shownFaults = 20;

/** The records of a split's files, in order. */
export class Records {
  readonly #dir: string;
  readonly #labelBytes: number;
  readonly #imageBytes: number;
  readonly #files: { readonly name: string; readonly first: number }[] = [];
  /** One byte per image. */
  labels = new Uint8Array(0);

  constructor(dir: string, labelBytes: number, imageBytes: number) {
    this.#dir = dir;
    this.#labelBytes = labelBytes;
    this.#imageBytes = imageBytes;
  }

  /** Adds a file, and reads its labels: byte `at` of each record. */
  addFile(name: string, at: number): void {
    const column = readColumn(join(this.#dir, name), this.#labelBytes + this.#imageBytes, at);
    const labels = new Uint8Array(this.labels.length + column.length);
    labels.set(this.labels);
    labels.set(column, this.labels.length);
    this.#files.push({ name, first: this.labels.length });
    this.labels = labels;
  }

  /** Throws a UserError that names every record with an invalid label. */
  toSplit({ labelsOf }: Numbering): SourceSplit {
    const files = this.#files;
    const recordBytes = this.#labelBytes + this.#imageBytes;
    const find = (image: number) => {
      const file = files.findLast(({ first }) => first <= image)!;
      return { name: file.name, record: image - file.first };
    };
    const nameOf = (image: number) => `${find(image).name}#${find(image).record}`;
    const faults: string[] = [];
    const labels = labelsOf(this.labels, (image, what) => {
      faults.push(`${join(this.#dir, nameOf(image))} (byte ${find(image).record * recordBytes}): ${what}`);
    });
    if (faults.length > 0) throw dataError(listed(faults, shownFaults));
    return {
      labels,
      nameOf,
      placeOf: () => undefined,
      bytesOf: (image) => {
        const { name, record } = find(image);
        const begin = record * recordBytes + this.#labelBytes;
        return { file: join(this.#dir, name), part: { begin, length: this.#imageBytes } };
      },
    };
  }
}

/** Byte `at` of each record of the file. */
function readColumn(path: string, recordBytes: number, at: number): Uint8Array {
  return withFile(path, (file, bytes) => {
    const records = Math.floor(bytes / recordBytes);
    if (records === 0 || bytes % recordBytes !== 0) {
      throw dataError(
        `${path}: found ${counted(bytes, 'byte')}, which are ${counted(records, 'record')} of ${recordBytes} and ` +
          `${bytes % recordBytes} more; expected whole records. Is the file cut short?`,
        path,
      );
    }
    const column = new Uint8Array(records);
    const buffer = new Uint8Array(recordsAtOnce * recordBytes);
    for (let first = 0; first < records; first += recordsAtOnce) {
      const count = Math.min(recordsAtOnce, records - first);
      readInto(path, file, buffer.subarray(0, count * recordBytes), first * recordBytes);
      for (let i = 0; i < count; i++) column[first + i] = buffer[i * recordBytes + at]!;
    }
    return column;
  });
}
