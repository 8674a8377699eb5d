import type { ResolvedConfig } from '../config/resolved.js';
import { mixesImages } from '../runtime/augmentation/mixture.js';

/**
 * What the training loss includes and the validation loss does not: the two curves cannot be compared then. Empty where both are the
 * same cross entropy.
 */
export function trainLossExtras({ loss, training }: Pick<ResolvedConfig, 'loss' | 'training'>): string[] {
  return [
    loss.type === 'crossEntropy' && loss.labelSmoothing > 0 && `label smoothing ${loss.labelSmoothing}`,
    loss.classWeights !== 'none' && 'class weights',
    mixesImages(training.augmentation) && 'mixed images',
  ].filter((extra) => extra !== false);
}

/** The same as a sentence; undefined where there is no difference. */
export const trainLossNote = (extras: readonly string[], of = ''): string | undefined =>
  extras.length === 0
    ? undefined
    : `The train loss${of} is with ${extras.join(', ')}, the validation loss without.`;

/** The same for several runs; one sentence where it is equal for all. */
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
