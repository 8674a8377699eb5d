import { z } from 'zod';
import type { ResolvedConfig } from '../config/resolved.js';
import { counted } from '../data/faults.js';
import { metricNames } from './best.js';

/** Why and where a training that has completed came to its end. */

const count = z.int().min(0);

export const ending = z.looseObject({
  /** `epochs`: all of training.epochs; `earlyStopping`: no gain for as long as the config waits; `maxTime`: the time of --max-time; `program`: a callback or a signal. */
  reason: z.enum(['epochs', 'earlyStopping', 'maxTime', 'program']),
  /** Whole epochs, and steps of the next. */
  epochs: count,
  steps: count,
});
export type Ending = Readonly<z.infer<typeof ending>>;

/** `2 of 30 epochs and 31 steps`; without the steps where there are none. */
export const placeOf = ({ epochs, steps }: Pick<Ending, 'epochs' | 'steps'>, all: number): string =>
  `${epochs} of ${all} epochs${steps === 0 ? '' : ` and ${counted(steps, 'step')}`}`;

/** Why a training ended before its last epoch, a clause; undefined where it did not. */
export function whyEnded(end: Ending, { training }: Pick<ResolvedConfig, 'training'>): string | undefined {
  const place = placeOf(end, training.epochs);
  if (end.reason === 'epochs') return undefined;
  if (end.reason === 'maxTime') return `ended after ${place}: the time of --max-time was up`;
  if (end.reason === 'program') return `ended after ${place}: the program that trains has asked for it`;
  const { metric, patience, minDelta } = training.earlyStopping!;
  const gain = minDelta > 0 ? `gain of more than ${minDelta} in` : 'better';
  return `ended early, after ${place}: no ${gain} validation ${metricNames[metric]} for ${counted(patience, 'epoch')}`;
}
