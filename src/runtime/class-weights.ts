import type { Config } from '../config/schema.js';
import { ExitCode, UserError } from '../errors.js';

type ClassWeights = Config['loss']['classWeights'];

/** @throws UserError (exit code usage) for a list that has not a weight for each class, or nothing but zeros */
export function requireClassWeights(setting: ClassWeights, classes: number): void {
  if (typeof setting === 'string') return;
  if (setting.length !== classes) {
    throw new UserError(
      `loss.classWeights has ${setting.length} weights, and the dataset has ${classes} classes; give a weight for each`,
      ExitCode.usage,
    );
  }
  if (setting.every((weight) => weight === 0)) {
    throw new UserError(
      'loss.classWeights are all 0: nothing would be learned; give at least one above 0',
      ExitCode.usage,
    );
  }
}

/** The weight of each class, `[classes]`; a class that has no training sample weighs nothing under "balanced". */
export function classWeights(setting: ClassWeights, classes: number, labels: Int32Array): readonly number[] {
  if (typeof setting !== 'string') return setting;
  if (setting === 'none') return new Array<number>(classes).fill(1);
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  return counts.map((count) => (count === 0 ? 0 : labels.length / (classes * count)));
}

/** @throws UserError (exit code usage) where no training sample counts for anything */
export function requireWeight(weights: readonly number[], labels: Int32Array): void {
  if (labels.length === 0 || labels.some((label) => Math.fround(weights[label]!) > 0)) return;
  throw new UserError(
    'loss.classWeights is 0 for every class that has training images: nothing would be learned; give one of these a weight above 0',
    ExitCode.usage,
  );
}
