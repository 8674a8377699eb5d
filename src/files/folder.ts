import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unwritable } from './unwritable.js';

/**
 * Makes a folder and its parents, unless they exist. (On Node 20, mkdir's `recursive` never returns for a folder below `/proc`, where the
 * system answers ENOENT.)
 * @throws UserError (exit code environment) where that is impossible
 */
export function makeFolder(path: string): void {
  try {
    make(resolve(path));
  } catch (error) {
    throw unwritable(path, error);
  }
}

function make(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) make(dirname(path));
  try {
    mkdirSync(path);
    flushFolder(dirname(path));
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isFolder(path)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Makes a folder inside a folder of lockstep's own, unless it exists. A link is refused: it may lead elsewhere.
 * @throws UserError (exit code environment) where it is a link, or cannot be made
 */
export function makeOwnFolder(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    const found = new Error('it is a link, and expected is a folder; put the folder itself in its place');
    throw unwritable(path, Object.assign(found, { code: 'ELOOP', syscall: 'mkdir' }));
  }
  makeFolder(path);
}

/** Errors of file systems that cannot flush a folder, or of a folder that may be written but not read. */
const unable = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES', 'EPERM']);

/** Flushes a folder, so that files made or renamed in it survive a crash. Windows has no such call and needs none. */
export function flushFolder(folder: string): void {
  if (process.platform === 'win32') return;
  let handle: number | undefined;
  try {
    handle = openSync(folder, 'r');
    fsyncSync(handle);
  } catch (error) {
    if (!unable.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
