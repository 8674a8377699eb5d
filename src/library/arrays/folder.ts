import { renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SplitName } from '../../data/dataset.js';
import { arrayFileOf } from '../../data/sources/arrays.js';
import { UserError } from '../../errors.js';
import { flushFolder, makeFolder } from '../../files/folder.js';
import { removeLeftovers, temporaryName, tryToRemove } from '../../files/temporary.js';
import { unwritable } from '../../files/unwritable.js';
import { readSafetensorsHeader } from '../../tensors/safetensors.js';

/** The name that unfinished folders have before they are known by their content. */
const unfinished = 'arrays';

/**
 * Writes a dataset of arrays into a folder of `cache` that is there whole or not at all. What processes left that ended meanwhile is removed.
 * @param fill writes the splits' files into the folder; gives the name that it gets
 * @returns the folder's path. A whole one of that name is kept as it is: its images are already decoded
 */
export async function arrayFolder(
  cache: string,
  splits: readonly SplitName[],
  fill: (folder: string) => string | Promise<string>,
): Promise<string> {
  makeFolder(cache);
  removeLeftovers(cache, (name) => name === unfinished);
  const temporary = temporaryName(join(cache, unfinished));
  makeFolder(temporary);
  try {
    const path = join(cache, await fill(temporary));
    if (!isWhole(path, splits)) publishFolder(temporary, path, splits);
    return path;
  } finally {
    tryToRemove(temporary);
  }
}

/** Whether the folder holds these splits, none of them cut short. */
export function isWhole(path: string, splits: readonly SplitName[]): boolean {
  try {
    for (const split of splits) readSafetensorsHeader(join(path, arrayFileOf(split)));
    return true;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function publishFolder(from: string, to: string, splits: readonly SplitName[]): void {
  tryToRemove(to); // one that somebody has taken a file from
  try {
    renameSync(from, to);
    flushFolder(dirname(to));
  } catch (error) {
    // Another process was faster.
    if (!isWhole(to, splits)) throw unwritable(to, error);
  }
}
