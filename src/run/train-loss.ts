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
