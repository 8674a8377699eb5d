import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { GenerateConfig } from '../../config/schema.js';
import { makeFolder } from '../../files/folder.js';
import { removeLeftovers, temporaryName } from '../../files/temporary.js';
import { unwritable } from '../../files/unwritable.js';
import { type SplitName, splitNames } from '../dataset.js';
import { dataError } from '../faults.js';
import { openImagePool } from '../images/image-pool.js';
import type { DrawTask } from '../images/image-tasks.js';
import { forEachQueued } from '../queue.js';
import { classesFile } from '../sources/labels.js';
import { listFiles } from '../sources/lists.js';
import { shapeClasses } from './shapes.js';

/** Pictures of a task. */
const picturesPerTask = 50;
/** Distance of the splits' picture numbers: a longer training split leaves the other two as they are. */
const splitStride = 2 ** 24;

/**
 * Draws the default dataset into `dir`: 64 x 64 JPEG files, three lists and the classes' names. A folder that has
 * lists is left as it is.
 *
 * It is drawn beside `dir` and then renamed, so it is there whole or not at all. Throws a UserError where `dir` holds
 * something else, or cannot be written.
 */
export async function generateShapes(
  dir: string,
  config: GenerateConfig,
  threads: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const target = resolve(dir);
  removeLeftovers(dirname(target), (name) => name === basename(target));
  if (!isFree(dir)) return;
  const folder = temporaryName(target);
  try {
    const pictures = splitNames.flatMap((split, s) => {
      const own = picturesOf(split, s, config);
      const lines = own.map(({ path, label }) => `${path} ${label}\n`);
      makeFolder(folder);
      writeFileSync(join(folder, listFiles[split]), lines.join(''));
      return own;
    });
    writeFileSync(join(folder, classesFile), `${shapeClasses.join('\n')}\n`);
    for (const each of new Set(pictures.map(({ path }) => dirname(path)))) makeFolder(join(folder, each));
    await drawAll(folder, pictures, config.seed, threads, onProgress);
    moveTo(folder, target);
  } catch (error) {
    throw unwritable(dir, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether `dir` is missing or empty; false where it has lists. Throws a UserError where it has anything else. */
function isFree(dir: string): boolean {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw dataError(`${dir}: cannot be read as a folder: ${(error as Error).message}`);
  }
  if (Object.values(listFiles).some((list) => names.includes(list))) return false;
  if (names.length === 0) return true;
  throw dataError(
    `${dir}: found ${names.length} entries but none of ${Object.values(listFiles).join(', ')}; expected a dataset, ` +
      'or no such folder, to draw the generated dataset into. Name another data.dir, or take data.generate out of the config ' +
      'to use what is there.',
  );
}

function picturesOf(split: SplitName, splitIndex: number, config: GenerateConfig): DrawTask['pictures'] {
  return shapeClasses.flatMap((name, label) =>
    Array.from({ length: config[`${split}PerClass`] }, (_, n) => ({
      path: `images/${name.replace(' ', '-')}/${split}-${n}.jpg`,
      label,
      index: splitIndex * splitStride + n,
    })),
  );
}

async function drawAll(
  folder: string,
  pictures: DrawTask['pictures'],
  seed: number,
  threads: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const tasks: DrawTask['pictures'][] = [];
  for (let i = 0; i < pictures.length; i += picturesPerTask)
    tasks.push(pictures.slice(i, i + picturesPerTask));
  const pool = openImagePool(threads, true);
  let done = 0;
  try {
    await forEachQueued(tasks, 2 * threads, async (own) => {
      await pool.draw({ seed, folder, pictures: own });
      done += own.length;
      onProgress(done, pictures.length);
    });
  } finally {
    await pool.close();
  }
}

/** Gives the finished folder its name, unless another process was first: its pictures are the same ones. */
function moveTo(folder: string, target: string): void {
  try {
    renameSync(folder, target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // POSIX replaces an empty folder; Windows does not, and says EPERM.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'EPERM') throw error;
    if (isFree(target)) {
      rmSync(target, { recursive: true });
      renameSync(folder, target);
    }
  }
}
