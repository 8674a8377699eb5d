import { mkdirSync, statSync } from 'node:fs';
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
  } catch (error) {
    // Another process may have been faster.
    if (!isFolder(path)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
