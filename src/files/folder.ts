import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { unwritable } from './unwritable.js';

/**
 * Makes a folder, and those above it, where it is not there. (mkdir's own `recursive` never returns on Node 20 where a folder exists
 * in which none can be made, and the system says ENOENT: `/proc`.)
 * @throws UserError (exit code environment) where it cannot be
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
    // Another process may have been faster.
    if (!isFolder(path)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * A folder inside one that is ours alone: made where it is not there, and no link to one elsewhere.
 * @throws UserError (exit code environment) where it cannot be
 */
export function makeOwnFolder(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    const found = new Error('it is a link, and expected is a folder; put the folder itself in its place');
    throw unwritable(path, Object.assign(found, { code: 'ELOOP', syscall: 'mkdir' }));
  }
  makeFolder(path);
}

/** Some file systems cannot flush a folder, and say so in one of these ways; and one may write in a folder that one may not read. */
const unable = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES', 'EPERM']);

/** Makes what was made or renamed in a folder last; Windows has no such call and needs none. */
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
