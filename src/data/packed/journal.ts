import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { readWholeFile } from '../../files/open-file.js';
import { perSplit, type SplitName, splitNames } from '../dataset.js';

/**
 * Records which samples of a draft are on the disk, with their checksums and remarks. A line describes consecutive samples:
 * `[split, first, [checksum or null, ...], [remarks, ...]]`. It is written after the samples were flushed, so it is true even if the
 * process or the machine crashes. A line that was cut short is ignored.
 */

/** Time between two flushes, ms: the work that a crash may cost. */
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
   * Opens the journal `path`, or creates it.
   * @param samples file descriptor of the samples' file
   */
  constructor(path: string, samples: number, onFlush: () => void) {
    this.#file = openSync(path, 'a');
    this.#samples = samples;
    this.#onFlush = onFlush;
    // Ends a line that was cut short.
    writeSync(this.#file, '\n');
  }

  /** Adds a line, to be written once the samples are flushed. Throws the error of an earlier flush. */
  add(split: SplitName, first: number, checksums: readonly (number | null)[], remarks: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) return;
    this.#lines.push(`${JSON.stringify([split, first, checksums, [...remarks]] satisfies Line)}\n`);
    this.#timer ??= setTimeout(() => {
      // Flushes are chained: one may take longer than the interval.
      this.#flushing = this.#flushing
        .then(() => this.#flush())
        .catch((error: unknown) => {
          this.#failure = error;
        });
    }, interval);
  }

  /**
   * Throws the error of a flush. A second call does nothing.
   * @param claim whether to flush and write the pending lines first
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

/** For each sample of a split: whether it is in the file, its checksum and its remarks. */
export type Claims = Readonly<
  Record<
    SplitName,
    { readonly there: Uint8Array; readonly checksums: Uint32Array; readonly remarks: Uint8Array }
  >
>;

/** Reads a journal. @param samples number of samples of each split */
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
