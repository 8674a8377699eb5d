import type { EpochMetrics } from '../../runs/metrics.js';
import { median, type RunSummary } from '../../runs/summary.js';
import type { TrainingPart } from '../../runs/training-parts.js';
import { threadsOf } from '../../runtime/group.js';
import { ranksText } from '../ranks-text.js';

/** A part of a training, and of the epochs that ended in it how many, how long and how fast. */
export interface PartRow {
  readonly part: TrainingPart;
  readonly epochs: number;
  readonly seconds: number;
  readonly imagesPerSecond: number | null;
}

export const partRows = (parts: readonly TrainingPart[], epochs: readonly EpochMetrics[]): PartRow[] =>
  parts.map((part, i) => {
    const own = epochs.slice(part.epoch, parts[i + 1]?.epoch);
    return {
      part,
      epochs: own.length,
      seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
      imagesPerSecond: median(own.map(({ imagesPerSecond }) => imagesPerSecond)),
    };
  });

/** Of all ranks. */
export const threadsOfPart = ({ threads, distributed }: TrainingPart): number =>
  distributed === undefined ? threads : threadsOf(distributed.ranks);

/** `2 threads`, or `8, then 2 threads` of one that was resumed with another number. */
export function threadsText({ threads, parts = [] }: Pick<RunSummary, 'threads' | 'parts'>): string {
  const numbers = parts.map(threadsOfPart).filter((number, i, all) => number !== all[i - 1]);
  const [only] = parts;
  if (parts.length === 1 && only?.distributed !== undefined) return ranksText(only.distributed);
  return `${numbers.length > 1 ? numbers.join(', then ') : threads} thread${threads === 1 && numbers.length < 2 ? '' : 's'}`;
}
