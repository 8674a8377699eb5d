import { bootstrapInterval } from '../../evaluation/bootstrap.js';
import type { Resampling } from '../../evaluation/statistics/difference.js';
import { deviationOf, type Interval, meanInterval, meanOf } from '../../evaluation/statistics/means.js';
import type { SplitMetrics } from '../../runs/metrics.js';
import { type Candidate, type CompletedRun, completedOf, isCompleted, multiplyAddsOf } from './candidate.js';

/** A value of one run, or the mean over the seeds. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation over the seeds, with n - 1; null of fewer than two. */
  readonly deviation: number | null;
}

/** Top-1. */
export interface Accuracy extends Spread {
  /** Of one run by the bootstrap over the samples; of several Student's t of their mean. */
  readonly interval: Interval;
}

/** The columns of the accuracy table. */
export const measures = {
  train: ({ summary }) => summary.final.train,
  validation: ({ summary }) => summary.final.validation,
  test: ({ summary }) => summary.final.test,
  bestValidation: ({ summary }) => summary.best.validation,
  bestTest: ({ summary }) => summary.best.test,
} as const satisfies Record<string, (run: CompletedRun) => SplitMetrics>;

export type Measure = keyof typeof measures;

/** The measures that are shown as balanced top-1 too, where the config goes by it. */
export type BalancedMeasure = Extract<Measure, 'test' | 'bestTest'>;
type PerBalanced<T> = Readonly<Record<BalancedMeasure, T>>;

export interface RunFigures {
  readonly seed: number;
  readonly directory: string;
  readonly status: 'completed' | 'failed';
  readonly epochsRun: number;
  readonly bestEpoch: number | null;
  readonly top1: Readonly<Record<Measure, number>> | null;
  /** Null where the config does not go by it, or the run has diverged. */
  readonly balancedTop1: PerBalanced<number> | null;
  /** Of training and validation. */
  readonly seconds: number;
  readonly imagesPerSecond: number | null;
  readonly weightsSha256: string | null;
}

export interface CandidateFigures {
  readonly name: string;
  readonly from: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly epochs: number;
  /** Over the runs that completed; null where none did. */
  readonly top1: Readonly<Record<Measure, Accuracy>> | null;
  /** Over the runs that completed; null where one of them does not have it. */
  readonly balancedTop1: PerBalanced<Spread> | null;
  /** Means over the runs that completed. */
  readonly seconds: number | null;
  readonly imagesPerSecond: number | null;
  readonly runs: readonly RunFigures[];
}

/** @param number of the candidate: each draws other random numbers */
export function candidateFigures(
  candidate: Candidate,
  number: number,
  resampling: Resampling,
): CandidateFigures {
  const completed = completedOf(candidate);
  const names = Object.keys(measures) as Measure[];
  const accuracy = (measure: Measure) =>
    accuracyOf(completed.map(measures[measure]), resampling, number * names.length + names.indexOf(measure));
  const balanced = completed.flatMap((run) => balancedOf(run) ?? []);
  const speeds = completed.flatMap(({ summary }) => summary.imagesPerSecond.median ?? []);
  return {
    name: candidate.name,
    from: candidate.from,
    parameters: candidate.runs[0]!.summary.parameters,
    multiplyAdds: multiplyAddsOf(candidate.config),
    epochs: candidate.config.training.epochs,
    top1: completed.length === 0 ? null : perMeasure(accuracy),
    balancedTop1:
      balanced.length === 0 || balanced.length < completed.length
        ? null
        : {
            test: spreadOf(balanced.map(({ test }) => test)),
            bestTest: spreadOf(balanced.map(({ bestTest }) => bestTest)),
          },
    seconds: completed.length === 0 ? null : meanOf(completed.map(({ summary }) => summary.seconds)),
    imagesPerSecond: speeds.length === 0 ? null : meanOf(speeds),
    runs: candidate.runs.map((run) => ({
      seed: run.summary.seed,
      directory: run.directory,
      status: isCompleted(run) ? 'completed' : 'failed',
      epochsRun: run.summary.epochsRun,
      bestEpoch: run.summary.best?.epoch ?? null,
      top1: isCompleted(run) ? perMeasure((measure) => measures[measure](run).top1) : null,
      balancedTop1: isCompleted(run) ? balancedOf(run) : null,
      seconds: run.summary.seconds,
      imagesPerSecond: run.summary.imagesPerSecond.median,
      weightsSha256: run.summary.weightsSha256,
    })),
  };
}

/** @param draws number of the random stream, beside the seed */
function accuracyOf(runs: readonly SplitMetrics[], resampling: Resampling, draws: number): Accuracy {
  const values = runs.map(({ top1 }) => top1);
  const interval =
    runs.length > 1
      ? within01(meanInterval(values, resampling.level))
      : bootstrapInterval(hitsOf(runs[0]!), runs[0]!.samples, resampling, draws);
  return { ...spreadOf(values), interval };
}

const spreadOf = (values: readonly number[]): Spread => ({
  mean: meanOf(values),
  deviation: values.length > 1 ? deviationOf(values) : null,
});

function balancedOf(run: CompletedRun): PerBalanced<number> | null {
  const test = measures.test(run).balancedTop1;
  const bestTest = measures.bestTest(run).balancedTop1;
  return test === undefined || bestTest === undefined ? null : { test, bestTest };
}

/** Student's interval has no bounds, but an accuracy lies between 0 and 1. */
const within01 = ({ low, high }: Interval): Interval => ({ low: Math.max(0, low), high: Math.min(1, high) });

/** The count of hits behind a top-1 fraction. */
export const hitsOf = ({ samples, top1 }: Pick<SplitMetrics, 'samples' | 'top1'>): number =>
  Math.round(samples * top1);

const perMeasure = <T>(of: (measure: Measure) => T): Record<Measure, T> => ({
  train: of('train'),
  validation: of('validation'),
  test: of('test'),
  bestValidation: of('bestValidation'),
  bestTest: of('bestTest'),
});
