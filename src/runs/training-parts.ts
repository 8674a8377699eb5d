import { availableParallelism, cpus } from 'node:os';
import { z } from 'zod';
import type { Engine } from '../runtime/engine.js';

/** A training that is interrupted and resumed has several parts, each on a machine and with threads of its own. */

const schema = z.strictObject({
  /** Where it began: whole epochs, and steps of the next, that were done before. */
  epoch: z.int().min(0),
  step: z.int().min(0),
  threads: z.int().min(1),
  cpu: z.string(),
  cores: z.int().min(1),
  node: z.string(),
  /** Where several ranks trained together: what carried their messages, and each one's host and threads. */
  distributed: z
    .strictObject({
      carrier: z.string(),
      ranks: z.array(z.strictObject({ host: z.string(), threads: z.int().min(1) })),
    })
    .optional(),
});
export type TrainingPart = z.infer<typeof schema>;
export const parts = z.array(schema);

/** The part that begins now, in this process. */
export const partFrom = (
  epoch: number,
  step: number,
  { threads, group }: Pick<Engine, 'threads' | 'group'>,
): TrainingPart => ({
  epoch,
  step,
  threads,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  node: process.versions.node,
  ...(group && { distributed: { carrier: group.carrier, ranks: [...group.members] } }),
});

/** The parts in a checkpoint's metadata; none where an earlier version wrote it. */
export function partsIn(text: string | undefined): readonly TrainingPart[] {
  try {
    return parts.parse(JSON.parse(text ?? '[]'));
  } catch {
    return []; // parts are information only: nothing depends on them
  }
}
