import { mkdirSync } from 'node:fs';
import { unwritable } from './unwritable.js';

/**
 * Makes a folder, and those above it, where it is not there.
 * @throws UserError (exit code environment) where it cannot be
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw unwritable(path, error);
  }
}
