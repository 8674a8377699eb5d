import type { ConfigInput } from '../config/input.js';
import type { Dataset } from './dataset.js';
import type { FitOptions, ResumeOptions } from './fit-options.js';
import type { Model } from './model.js';
import type { Run } from './run.js';

/**
 * Trains what a config says, and gives the finished run: its files, metrics, and best weights.
 * @param config a whole config, as `loadConfig` reads it, or that of a run
 * @param data in place of the config's own dataset; undefined: that one
 * @param options each in place of the config's
 * @throws UserError for whatever a user can mend, with `code` and, where it is in one place, `path`
 */
export async function fit(config: ConfigInput, data?: Dataset, options?: FitOptions): Promise<Run>;
/**
 * Trains a model, and gives the finished run: its files, metrics, and best weights.
 * @param model its layers
 * @param options `epochs`, and whatever is not to be as usual
 * @throws UserError for whatever a user can mend, with `code` and, where it is in one place, `path`
 */
export async function fit(
  model: Model,
  data: Dataset,
  options: FitOptions & { epochs: number },
): Promise<Run>;
export async function fit(
  model: Model | ConfigInput,
  data?: Dataset,
  options: FitOptions = {},
): Promise<Run> {
  throwIfAborted(options);
  const { train } = await import('./train.js');
  return train(model, data, options);
}

/**
 * Goes on with a run that a callback, a signal or the command has ended, from its last checkpoint, to the bits of a run in one piece.
 * @param directory the run's
 * @throws UserError where there is no such run, or its files or its dataset have changed
 */
export async function resume(directory: string | URL, options: ResumeOptions = {}): Promise<Run> {
  throwIfAborted(options);
  const { goOn } = await import('./train.js');
  return goOn(directory, options);
}

/** What is no signal is refused with the other options. */
function throwIfAborted({ signal }: ResumeOptions): void {
  if (signal instanceof AbortSignal) signal.throwIfAborted();
}
