import { appendFileSync, closeSync, constants, fsyncSync, openSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { flushFolder } from './folder.js';
import { openOwnFile } from './open-file.js';
import { temporaryName, tryToRemove } from './temporary.js';
import { writeFully } from './transfer.js';
import { unwritable } from './unwritable.js';

/**
 * Writes a file so that a reader, or a crash, finds the old content or the new one and never a part.
 * @throws UserError (exit code environment) when the folder cannot be written or the disk is full.
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
 * A file in the making, under a temporary name in the same folder: nothing of it is under `path` before `commit`.
 * End with `commit` or `abort`; `abort` after `commit` does nothing. What the system refuses is thrown as a UserError.
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

  /** Puts `bytes` at byte `position`. */
  write(bytes: Uint8Array, position: number): void {
    try {
      writeFully(this.#file, bytes, position);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  /** Flushes, and gives the file its name. Where that fails, nothing is left of it. */
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

/** Flushes and closes the open file, which is called `from`, and gives it the name `to` for good. */
export function publish(file: number, from: string, to: string): void {
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(from, to);
  flushFolder(dirname(to));
}

/** Adds to a file of our own, which is made where it is not there. It is not flushed. */
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

/** Makes what was added to a file of our own last. */
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
