import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DataConfig } from '../config/schema.js';
import { dataError } from '../data/faults.js';
import type { SavedRun } from '../runs/saved-run.js';

/** What a command line says about the dataset. */
interface DataArguments {
  readonly data?: string | undefined;
  readonly source?: DataConfig['source'] | undefined;
  readonly skipBadImages?: boolean | undefined;
}

/**
 * The run's dataset, or the one that the command line names, read as the run's network wants it.
 * @throws UserError (exit code data) where the run's is not there
 */
export function dataToEvaluate(
  { directory, config: { data } }: SavedRun,
  { data: dir, source, skipBadImages = data.skipBadImages }: DataArguments,
): DataConfig {
  if (dir !== undefined) {
    const { generate: _, ...other } = data; // nothing is drawn into a folder of the user's
    return { ...other, skipBadImages, dir, source: source ?? 'auto' };
  }
  if (data.generate === undefined && !existsSync(data.dir)) {
    throw dataError(
      `${directory} was trained on ${data.dir}, and there is no such folder: found nothing at ${resolve(data.dir)}. ` +
        'Run the command in the folder that the training ran in, or give --data',
    );
  }
  return { ...data, skipBadImages, source: source ?? data.source };
}
