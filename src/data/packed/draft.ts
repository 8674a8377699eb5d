import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, utimesSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { nobody } from '../../files/process-identity.js';
import { temporaryName, tryToRemove, unfinishedIn } from '../../files/temporary.js';
import { writeFully } from '../../files/transfer.js';
import { publish } from '../../files/whole-file.js';
import type { SplitName } from '../dataset.js';
import { Journal } from './journal.js';

/**
 * An unfinished packed file: a folder beside its final path, which holds the file and a journal of the samples written so far.
 *
 * The folder's name contains the process that works on it. When that process ends early, another one that makes the same file takes the
 * draft over by renaming the folder, which only one process can do. Two processes that make the same file at once have a draft each.
 */

export const draftFiles = { packed: 'packed.safetensors', journal: 'journal' } as const;

export class Draft {
  readonly folder: string;
  /** File descriptor of the packed file. */
  readonly file: number;
  /** Whether the draft was taken over, so that it may already hold samples. */
  readonly resumed: boolean;
  readonly #path: string;
  readonly #journal: Journal;
  #claims: boolean;
  #open = true;

  /**
   * Takes over an abandoned draft of the same file, or begins a new one.
   * @param path of the finished packed file
   * @param head first bytes of the file: a draft that begins with them is of the same file
   * @param bytes size of the file
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
      if (!this.resumed) tryToRemove(this.folder); // such as on a full disk; the draft is still empty
      throw error;
    }
    this.#journal = new Journal(join(this.folder, draftFiles.journal), this.file, () => {
      this.#claims = true;
      this.#touch();
    });
  }

  /** Records samples that have been written, so that another process can reuse them. `null` stands for a missing sample. */
  claim(split: SplitName, first: number, checksums: readonly (number | null)[], remarks: Uint8Array): void {
    this.#journal.add(split, first, checksums, remarks);
  }

  /** Gives the complete file its name. */
  async finish(): Promise<void> {
    await this.#journal.close(false);
    this.#open = false;
    publish(this.file, join(this.folder, draftFiles.packed), this.#path);
    tryToRemove(this.folder);
  }

  /** Leaves the draft for another process to take over. Does nothing after `finish`. */
  async release(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    try {
      await this.#journal.close(true);
    } catch {
      // Such as on a full disk. Earlier claims stay valid.
    }
    closeSync(this.file);
    if (this.#claims) renameSync(this.folder, temporaryName(this.#path, 'draft', nobody));
    else tryToRemove(this.folder);
  }

  /** Updates the folder's time, which writing to its files does not change. Otherwise the draft would look abandoned. */
  #touch(): void {
    const now = new Date();
    utimesSync(this.folder, now, now);
  }
}

/** Takes over an abandoned draft that begins with `head`. Returns the folder's new path, or undefined where there is none. */
function takeOver(path: string, head: Uint8Array): string | undefined {
  const unfinished = unfinishedIn(dirname(path), (name) => name === basename(path));
  for (const { path: folder, kind, ended } of unfinished) {
    if (kind !== 'draft' || !ended || !beginsWith(join(folder, draftFiles.packed), head)) continue;
    const renamed = temporaryName(path, 'draft');
    try {
      renameSync(folder, renamed);
      return renamed;
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
    const bytes = Buffer.alloc(head.length);
    return readSync(file, bytes, 0, bytes.length, 0) === bytes.length && bytes.equals(head);
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
