import type { Options } from 'yargs';
import type { Change } from '../config/overrides.js';
import { mostFolds } from '../config/schema-data.js';

/** The folds of a cross-validation, of every command that has them. */
export const foldsOption = {
  type: 'number',
  requiresArg: true,
  describe: 'Cut the training and validation images into so many folds, each of which validates once',
} as const satisfies Options;

/** @throws Error with the reason, for yargs to show */
export function checkFolds(folds: number | undefined): void {
  if (folds === undefined || (Number.isInteger(folds) && folds >= 2 && folds <= mostFolds)) return;
  throw new Error(`--folds is ${folds}, but needs a whole number from 2 to ${mostFolds}`);
}

/** What makes a config the one of fold `fold`, from 0. */
export const foldChange = (fold: number, of: number): Change => ({
  key: 'data.split.fold',
  value: { index: fold + 1, of },
  from: `fold ${fold + 1} of ${of}`,
});
