import { existsSync } from 'node:fs';
import type { DataConfig } from '../config/schema.js';
import { dataError } from '../data/faults.js';
import type { SavedRun } from './saved-run.js';

/** Options of a command about the dataset of a run. */
export interface DataArguments {
  /** Another folder, in place of `data.dir`. */
  readonly data?: string | undefined;
  /** In place of `data.source`. */
  readonly source?: DataConfig['source'] | undefined;
  readonly skipBadImages?: boolean | undefined;
}

/** The same section for another folder. A user's folder is never filled with generated images. */
export function inFolder({ generate, ...data }: DataConfig, dir: string): DataConfig {
  return { ...data, dir };
}

/**
 * The dataset that a command on a run reads: the run's data section, also for another folder, with what the command line replaces.
 * @throws UserError (exit code data) where the run's own folder is not there
 */
export function dataOfRun(
  { config: { data } }: Pick<SavedRun, 'config'>,
  { data: dir, source = data.source, skipBadImages = data.skipBadImages }: DataArguments,
): DataConfig {
  if (dir === undefined && data.generate === undefined && !existsSync(data.dir)) {
    throw dataError(
      // A report shows it, and may be published: no absolute path.
      `the run was trained on ${data.dir}, and from here there is no such folder. ` +
        'Work in the folder that the training ran in, or say where the images are (data, --data)',
      data.dir,
    );
  }
  const own = dir === undefined ? data : inFolder(data, dir);
  return { ...own, source, skipBadImages };
}
