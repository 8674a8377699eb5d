import type { Stage, SumRange } from '../compile/program.js';

/** Gradients of more bytes are added in slices, one a rank, where there are more than two ranks; and while the next stages run. */
const wholeBytes = 2 ** 14;

/** Whether each rank adds all of a stage's gradients, or a slice of them that it then sends to all. */
export const isWhole = (gradientCount: number, ranks: number): boolean =>
  ranks === 2 || gradientCount * 4 <= wholeBytes;

/** What of a stage's sums has to be there before the next stage, and what only before the optimizer's step. */
export function splitSums({ sums, urgent }: Pick<Stage, 'sums' | 'urgent'>): {
  now: SumRange;
  later?: SumRange;
} {
  const { gradients, gradientCount } = sums;
  const rest = gradientCount - urgent;
  if (rest * 4 <= wholeBytes) return { now: sums };
  return {
    now: { ...sums, gradientCount: urgent },
    later: { gradients: gradients + urgent * 4, gradientCount: rest, statistics: 0, statisticCount: 0 },
  };
}

/** Float32 values of a rank's slice: from `begin` to before `end`. */
export function sliceOf(rank: number, ranks: number, count: number): { begin: number; end: number } {
  const boundary = (of: number) => Math.min(count, Math.ceil((count * of) / ranks / 16) * 16);
  return { begin: boundary(rank), end: boundary(rank + 1) };
}

/** Room for what a rank receives of one subtree's sums of a stage, bytes. */
export function receivedBytes({ gradientCount, statisticCount }: SumRange, ranks: number): number {
  const values = isWhole(gradientCount, ranks) ? gradientCount : Math.ceil(gradientCount / ranks) + 16;
  return Math.max(values * 4, statisticCount * 8);
}
