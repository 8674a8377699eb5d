import { availableParallelism, cpus } from 'node:os';
import { z } from 'zod';

/** A training that is interrupted and resumed has several parts, each on a machine and with threads of its own. */

const schema = z.strictObject({
  /** Where it began: whole epochs, and steps of the next, that were done before. */
  epoch: z.int().min(0),
  step: z.int().min(0),
  threads: z.int().min(1),
  cpu: z.string(),
  cores: z.int().min(1),
  node: z.string(),
});
export type TrainingPart = z.infer<typeof schema>;
export const parts = z.array(schema);

/** The one that begins now, in this process. */
export const partFrom = (epoch: number, step: number, threads: number): TrainingPart => ({
  epoch,
  step,
  threads,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  node: process.versions.node,
});

/** What a checkpoint's metadata says of the parts so far; none where a version before wrote it. */
export function partsIn(text: string | undefined): readonly TrainingPart[] {
  try {
    return parts.parse(JSON.parse(text ?? '[]'));
  } catch {
    return []; // decides nothing
  }
}
