import { join } from 'node:path';
import { writeFileWhole } from '../../files/whole-file.js';
import type { EndedRun } from '../compare/candidate.js';
import type { CrossValidation } from './folds.js';
import { crossValidationPage } from './page.js';

export const crossValidationFiles = { page: 'crossvalidate.html', json: 'crossvalidate.json' } as const;

/** Writes the two files into `out`, in place of those that are there. */
export async function writeCrossValidation(
  out: string,
  validation: CrossValidation,
  runs: readonly EndedRun[],
): Promise<void> {
  writeFileWhole(join(out, crossValidationFiles.json), `${JSON.stringify(validation, null, 2)}\n`);
  writeFileWhole(join(out, crossValidationFiles.page), await crossValidationPage(validation, runs));
}
