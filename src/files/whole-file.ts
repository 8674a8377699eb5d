import { appendFileSync, closeSync, constants, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { flushFolder } from './folder.js';
import { openOwnFile } from './open-file.js';
import { temporaryName, tryToRemove } from './temporary.js';
import { writeFully } from './transfer.js';
import { unwritable } from './unwritable.js';

/**
 * Writes a file atomically: a reader, or a restart after a crash, finds the old content or the new one, never a part.
 * @throws UserError (exit code environment) where the folder cannot be written or the disk is full
 */
export function writeFileWhole(path: string, data: string | Uint8Array): void {
  const file = new WholeFile(path);
  try {
    file.write(typeof data === 'string' ? Buffer.from(data) : data, 0);
    file.commit();
  } finally {
    file.abort();
  }
}

/**
 * An unfinished file under a temporary name in the same folder; `commit` gives it the name `path`. End with `commit` or `abort`; `abort`
 * after `commit` does nothing. System errors are thrown as UserErrors.
 */
export class WholeFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: number;
  #open = true;

  constructor(path: string) {
    this.#path = path;
    this.#temporary = temporaryName(path);
    try {
      this.#file = openSync(this.#temporary, 'wx');
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** Writes `bytes` at byte `position`. */
  write(bytes: Uint8Array, position: number): void {
    try {
      writeFully(this.#file, bytes, position);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  /** Flushes, and gives the file its name. Removes it where that fails. */
  commit(): void {
    try {
      this.#open = false;
      publish(this.#file, this.#temporary, this.#path);
    } catch (error) {
      this.abort();
      throw unwritable(this.#path, error);
    }
  }

  /** Removes what was written. */
  abort(): void {
    this.#close();
    tryToRemove(this.#temporary);
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#file);
  }
}

/** Flushes and closes the open file `from`, and renames it to `to`; the new name survives a crash. */
export function publish(file: number, from: string, to: string): void {
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(from, to);
  flushFolder(dirname(to));
}

/** Appends to a file in a folder of lockstep's own, and creates it if needed. Does not flush. */
export function appendToFile(path: string, bytes: string | Uint8Array): void {
  let file: number | undefined;
  try {
    file = openOwnFile(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT).file;
    appendFileSync(file, bytes);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Flushes what was appended to a file, so that it survives a crash. */
export function flushFile(path: string): void {
  let file: number | undefined;
  try {
    file = openOwnFile(path, constants.O_RDWR).file;
    fsyncSync(file);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
