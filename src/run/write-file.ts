import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ExitCode, UserError } from '../errors.js';

let count = 0;

/**
 * Writes a file so that a reader, or a crash, finds the old content or the new one and never a part: to a
 * temporary name in the same folder, flushed to the disk, renamed.
 * @throws UserError (exit code environment) when the folder cannot be written or the disk is full.
 */
export function writeFileWhole(path: string, data: string | Uint8Array): void {
  const folder = dirname(path);
  count += 1;
  const temporary = join(folder, `.${basename(path)}.${process.pid}-${count}.tmp`);
  try {
    const file = openSync(temporary, 'wx');
    try {
      writeFileSync(file, data);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    flushFolder(folder);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(path, error);
  }
}

/** The error for a path that cannot be written. */
export function unwritable(path: string, cause: unknown): UserError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UserError(`${path} cannot be written: ${reason}`, ExitCode.environment, { cause });
}

/** Makes the rename itself last; Windows has no such call and needs none. */
function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
