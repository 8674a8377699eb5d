import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { GenerateConfig } from '../../config/schema.js';
import { makeFolder } from '../../files/folder.js';
import { removeLeftovers, temporaryName } from '../../files/temporary.js';
import { unwritable } from '../../files/unwritable.js';
import { splitNames } from '../dataset.js';
import { openImagePool } from '../images/image-pool.js';
import type { DrawTask } from '../images/image-tasks.js';
import { forEachQueued } from '../queue.js';
import { picturesOf, standsIn, textsOf } from './drawn-folder.js';

/** Pictures per task. */
const picturesPerTask = 50;

/**
 * Draws the default dataset into `dir`: 64 x 64 JPEG files, three lists, the class names, and a record of the settings. A folder that
 * already holds these pictures, or anything but drawn pictures, is left unchanged.
 *
 * The folder is made beside `dir` and then renamed, so `dir` holds all of it or nothing. Throws a UserError where `dir` holds pictures
 * drawn with other settings, or cannot be written.
 */
export async function generateShapes(
  dir: string,
  config: GenerateConfig,
  threads: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  const target = resolve(dir);
  removeLeftovers(dirname(target), (name) => name === basename(target));
  if ((await standsIn(dir, config)) !== 'nothing') return;
  const folder = temporaryName(target);
  try {
    makeFolder(folder);
    for (const [name, text] of Object.entries(textsOf(config))) writeFileSync(join(folder, name), text);
    const pictures = splitNames.flatMap((split) => picturesOf(split, config));
    for (const each of new Set(pictures.map(({ path }) => dirname(path)))) makeFolder(join(folder, each));
    await drawAll(folder, pictures, config.seed, threads, onProgress);
    await moveTo(folder, dir, config);
  } catch (error) {
    throw unwritable(dir, error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
  const total = pictures.length;
  let done = 0;
  try {
    await forEachQueued(tasks, 2 * threads, async (pictures) => {
      await pool.draw({ seed, folder, pictures });
      done += pictures.length;
      onProgress(done, total);
    });
  } finally {
    await pool.close();
  }
}

/** Gives the finished folder its name. If another process has made `dir` meanwhile, it stays, provided it holds the same pictures. */
async function moveTo(folder: string, dir: string, config: GenerateConfig): Promise<void> {
  try {
    renameSync(folder, dir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // POSIX replaces an empty folder; Windows does not, and says EPERM.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'EPERM') throw error;
    if ((await standsIn(dir, config)) === 'nothing') {
      rmSync(dir, { recursive: true });
      renameSync(folder, dir);
    }
  }
}
