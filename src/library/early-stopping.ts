import type { Callback } from '../runs/callback.js';
import { EarlyStopping, type EarlyStoppingOptions } from '../runs/early-stopping.js';
import { argumentError, isObject } from './argument-error.js';

/**
 * Ends a training whose validation gains no more: `fit(model, data, { callbacks: [earlyStopping({ patience: 3 })] })`. The same as the
 * config's `training.earlyStopping`, where `fit` writes it, so that a resumed run goes on with it.
 */
export const earlyStopping = (options: Partial<EarlyStoppingOptions> = {}): Callback => {
  if (!isObject(options))
    throw argumentError('earlyStopping', 'options, such as { patience: 3 }', options, 'options');
  return new EarlyStopping({ metric: 'top1', patience: 10, minDelta: 0, restoreBest: false, ...options });
};
