import { z } from 'zod';
import { ExitCode, UserError } from '../errors.js';
import { nothingDone, type PhaseResult } from '../runtime/phase.js';
import type { Plateau } from '../runtime/plateau.js';
import type { Stopping } from './early-stopping.js';
import { type SplitMetrics, splitMetrics } from './metrics.js';

export interface Best {
  readonly epoch: number;
  readonly validation: SplitMetrics;
}

/** Where a training stands, between two steps: with the weights and the optimizer's slots, all that a resume needs. */
export interface Position {
  /** Whole epochs done: trained, validated and recorded. */
  readonly epoch: number;
  /** What the next epoch's steps so far gave, and the seconds that they took. */
  readonly done: PhaseResult;
  readonly seconds: number;
  /** The epoch with the best validation so far, by `training.bestBy`. */
  readonly best: Best | undefined;
  /** What the schedule remembers of the validations, if it does. */
  readonly plateau: Plateau | undefined;
  /** What early stopping remembers of them, if the config has it. */
  readonly stopping: Stopping | undefined;
}

export const start: Position = {
  epoch: 0,
  done: nothingDone,
  seconds: 0,
  best: undefined,
  plateau: undefined,
  stopping: undefined,
};

const count = z.int().min(0);
const totals = z.strictObject({
  samples: count,
  weight: z.number(),
  loss: z.number(),
  top1: count,
  top5: count,
});
const schema = z.strictObject({
  epoch: count,
  done: z.strictObject({ totals, steps: count }),
  seconds: z.number().min(0),
  best: z.strictObject({ epoch: count, validation: splitMetrics }).optional(),
  plateau: z
    .strictObject({ factor: z.number().min(0), best: z.number(), waited: count, cooldown: count })
    .optional(),
  stopping: z.strictObject({ best: z.number(), waited: count }).optional(),
});

/** The position in a checkpoint's metadata. */
export const positionText = (position: Position): string => JSON.stringify(position);

/** @throws UserError (exit code data) where `text`, of the checkpoint at `path`, is not a position */
export function parsePosition(text: string | undefined, path: string): Position {
  try {
    return schema.parse(JSON.parse(text ?? 'null')) as Position;
  } catch (cause) {
    throw new UserError(
      `${path} does not say where its training stands; it is no checkpoint`,
      ExitCode.data,
      { cause, path },
    );
  }
}
