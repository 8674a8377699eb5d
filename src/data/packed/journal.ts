import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { readWholeFile } from '../../files/open-file.js';
import { perSplit, type SplitName, splitNames } from '../dataset.js';

/**
 * Which samples of a packed file in the making are on the disk, with their checksums and remarks: a line for neighbours,
 * `[split, first, [checksum or null, ...], [remarks, ...]]`. A line is written after what it claims was flushed, so it holds whenever the
 * process or the machine ends; one that was cut short is passed over.
 */

/** Between two flushes, in ms: so much work may be lost. */
const interval = 1000;

const flushData = promisify(fdatasync);

type Line = readonly [
  split: SplitName,
  first: number,
  checksums: readonly (number | null)[],
  remarks: readonly number[],
];

export class Journal {
  readonly #file: number;
  readonly #samples: number;
  readonly #onFlush: () => void;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #failure: unknown;
  #closed = false;

  /**
   * Goes on with the journal `path`, or begins it.
   * @param samples descriptor of the file that holds the samples
   */
  constructor(path: string, samples: number, onFlush: () => void) {
    this.#file = openSync(path, 'a');
    this.#samples = samples;
    this.#onFlush = onFlush;
    // Ends a line that was cut short.
    writeSync(this.#file, '\n');
  }

  /** To be claimed once the samples are flushed. Throws what an earlier flush met. */
  add(split: SplitName, first: number, checksums: readonly (number | null)[], remarks: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) return;
    this.#lines.push(`${JSON.stringify([split, first, checksums, [...remarks]] satisfies Line)}\n`);
    this.#timer ??= setTimeout(() => {
      // Flushes follow each other: the disk may take longer than the interval.
      this.#flushing = this.#flushing
        .then(() => this.#flush())
        .catch((error: unknown) => {
          this.#failure = error;
        });
    }, interval);
  }

  /**
   * Throws what a flush met. Again it does nothing.
   * @param claim whether to write what is not claimed yet
   */
  async close(claim: boolean): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#flushing;
    try {
      if (this.#failure !== undefined) throw this.#failure;
      if (claim) await this.#flush();
    } finally {
      closeSync(this.#file);
    }
  }

  async #flush(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    this.#timer = undefined;
    await flushData(this.#samples);
    writeSync(this.#file, lines.join(''));
    this.#onFlush();
  }
}

/** Of each split's samples, whether it is there, its checksum and its remarks. */
export type Claims = Readonly<
  Record<
    SplitName,
    { readonly there: Uint8Array; readonly checksums: Uint32Array; readonly remarks: Uint8Array }
  >
>;

/** What a journal claims of a file with so many samples in each split. */
export function readClaims(path: string, samples: Readonly<Record<SplitName, number>>): Claims {
  const claims = perSplit((name) => ({
    there: new Uint8Array(samples[name]),
    checksums: new Uint32Array(samples[name]),
    remarks: new Uint8Array(samples[name]),
  }));
  for (const text of readWholeFile(path).toString().split('\n')) {
    const line = parseLine(text);
    if (line === undefined) continue;
    const [split, first, checksums, remarks] = line;
    for (const [i, checksum] of checksums.entries()) {
      if (checksum === null) continue;
      claims[split].there[first + i] = 1;
      claims[split].checksums[first + i] = checksum;
      claims[split].remarks[first + i] = remarks[i] ?? 0;
    }
  }
  return claims;
}

function parseLine(text: string): Line | undefined {
  try {
    const [split, first, checksums, remarks] = JSON.parse(text) as Line;
    return splitNames.includes(split) &&
      Number.isInteger(first) &&
      Array.isArray(checksums) &&
      Array.isArray(remarks)
      ? [split, first, checksums, remarks]
      : undefined;
  } catch {
    return undefined;
  }
}
