import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nobody } from '../../files/process-identity.js';
import { temporaryName, tryToRemove, unfinishedIn } from '../../files/temporary.js';
import { writeFully } from '../../files/transfer.js';
import { publish } from '../../files/whole-file.js';
import type { SplitName } from '../dataset.js';
import { Journal } from './journal.js';

/**
 * A packed file in the making: a folder beside its place, which holds the file and the journal of what is in it already.
 *
 * The folder's name says which process works on it. When that ends without a result, another one that is to make the same file
 * gives the folder its own name, which only one can do, and goes on. Two that make the same file at once have a draft each.
 */

export const draftFiles = { packed: 'packed.safetensors', journal: 'journal' } as const;

export class Draft {
  readonly folder: string;
  /** Descriptor of the packed file. */
  readonly file: number;
  /** Whether there may be samples in it from the beginning. */
  readonly resumed: boolean;
  readonly #path: string;
  readonly #journal: Journal;
  #claims: boolean;
  #open = true;

  /**
   * Goes on with a draft that a process left which was to make the same file, or begins one.
   * @param path where the packed file is to be
   * @param head its first bytes, and `bytes` its size: a draft is of the same file if it begins with them
   */
  constructor(path: string, head: Uint8Array, bytes: number) {
    const taken = takeOver(path, head);
    this.#path = path;
    this.resumed = taken !== undefined;
    this.#claims = this.resumed;
    this.folder = taken ?? temporaryName(path, 'draft');
    if (!this.resumed) mkdirSync(this.folder);
    this.#touch();
    try {
      this.file = openSync(join(this.folder, draftFiles.packed), this.resumed ? 'r+' : 'wx+');
      if (!this.resumed) {
        ftruncateSync(this.file, bytes);
        writeFully(this.file, head, 0);
      }
    } catch (error) {
      if (!this.resumed) tryToRemove(this.folder); // the disk is full: nothing is in it yet
      throw error;
    }
    this.#journal = new Journal(join(this.folder, draftFiles.journal), this.file, () => {
      this.#claims = true;
      this.#touch();
    });
  }

  /** Samples have been written: the draft will still have them in another process, soon. `null` for those that are not there. */
  claim(split: SplitName, first: number, checksums: readonly (number | null)[], remarks: Uint8Array): void {
    this.#journal.add(split, first, checksums, remarks);
  }

  /** The file is complete: gives it its name. */
  async finish(): Promise<void> {
    await this.#journal.close(false);
    this.#open = false;
    publish(this.file, join(this.folder, draftFiles.packed), this.#path);
    tryToRemove(this.folder);
  }

  /** Leaves the draft for another process to go on with. Does nothing after `finish`. */
  async release(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    try {
      await this.#journal.close(true);
    } catch {
      // The disk is full, which is why it is left: what was claimed before stays.
    }
    closeSync(this.file);
    if (this.#claims) renameSync(this.folder, temporaryName(this.#path, 'draft', nobody));
    else tryToRemove(this.folder);
  }

  /** Keeps the draft from looking abandoned: writing to a folder's files does not change the folder's time. */
  #touch(): void {
    const now = new Date();
    utimesSync(this.folder, now, now);
  }
}

/** The folder, now under a name of this process, of a draft that was left and begins with `head`. */
function takeOver(path: string, head: Uint8Array): string | undefined {
  const left = unfinishedIn(dirname(path), (name) => name === basename(path));
  for (const { path: folder, kind, ended } of left) {
    if (kind !== 'draft' || !ended || !beginsWith(join(folder, draftFiles.packed), head)) continue;
    const own = temporaryName(path, 'draft');
    try {
      renameSync(folder, own);
      return own;
    } catch {
      // Another process was faster.
    }
  }
  return undefined;
}

function beginsWith(path: string, head: Uint8Array): boolean {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const found = Buffer.alloc(head.length);
    return readSync(file, found, 0, found.length, 0) === found.length && found.equals(head);
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
