import type { ResolvedConfig } from '../config/resolved.js';
import type { SplitName } from '../data/dataset.js';
import { ExitCode, UserError } from '../errors.js';

/** A loss or a gradient is not finite. */
export class Divergence extends Error {
  constructor(epoch: number, step: number, what: 'loss' | 'gradient' | `${SplitName} loss`) {
    super(`the ${what} is not finite in epoch ${epoch}, step ${step}`);
  }

  /** The error for the user: where it happened, what to try, and the file that holds the last checkpoint. */
  toUserError({ optimizer, loss }: ResolvedConfig, checkpoint: string): UserError {
    return new UserError(
      `${this.message}: the training has diverged. ` +
        `Try a smaller optimizer.learningRate (it is ${optimizer.learningRate}` +
        `${loss.reduction === 'sum' ? ', on the sum over the batch' : ''}) or another initialization. ` +
        `The weights of the last checkpoint are in ${checkpoint}`,
      ExitCode.training,
    );
  }
}
