import type { ResolvedConfig } from '../config/resolve.js';

/**
 * What the training's loss is with and the validation's is without: two curves on one axis that may not be compared. Empty where both
 * are the same cross entropy.
 */
export function trainLossExtras({ loss, training }: Pick<ResolvedConfig, 'loss' | 'training'>): string[] {
  return [
    loss.labelSmoothing > 0 && `label smoothing ${loss.labelSmoothing}`,
    loss.classWeights !== 'none' && 'class weights',
    training.augmentation.mixup !== undefined && 'mixed images',
  ].filter((extra) => extra !== false);
}

/** The same as a sentence; undefined where there is nothing to say. */
export const trainLossNote = (extras: readonly string[], of = ''): string | undefined =>
  extras.length === 0
    ? undefined
    : `The train loss${of} is with ${extras.join(', ')}, the validation loss without.`;

/** Of several runs; said once where it is the same of all. */
export function trainLossNotes(
  runs: readonly { readonly name: string; readonly trainLossWith: readonly string[] }[],
): string | undefined {
  const [first, ...others] = runs;
  if (first === undefined) return undefined;
  const isSame = others.every((run) => run.trainLossWith.join() === first.trainLossWith.join());
  if (others.length > 0 && isSame) return trainLossNote(first.trainLossWith, ' of each run');
  return (
    runs.flatMap((run) => trainLossNote(run.trainLossWith, ` of ${run.name}`) ?? []).join(' ') || undefined
  );
}
