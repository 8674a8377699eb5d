import type { MetricName } from '../config/schema.js';
import type { EpochMetrics } from '../runs/metrics.js';
import type { Rung } from './rungs.js';
import { compareMeasured, type RunScore, runScore, type TrialScore, trialScore } from './score.js';
import type { TrialValues } from './space.js';

export interface Trial {
  /** From 1. */
  readonly number: number;
  readonly values: TrialValues;
}

/** A run as it stands after a rung. */
export interface TrainedRun {
  readonly directory: string;
  /** Those of the rung; fewer of a run that diverged or stopped early. */
  readonly epochs: readonly EpochMetrics[];
  readonly diverged: boolean;
}

/** A run of a trial: of one fold, or the only one. */
export interface TrialRun extends TrainedRun {
  /** null where it diverged. */
  readonly score: RunScore | null;
}

/** What became of a trial in a rung. */
export interface RungTrial {
  readonly trial: Trial;
  /** One for each fold, in their order; none after the first that diverged. */
  readonly runs: readonly TrialRun[];
  /** null of a trial that diverged. */
  readonly score: TrialScore | null;
}

export interface RungResult {
  readonly rung: Rung;
  /** The best first, those that diverged last. */
  readonly trials: readonly RungTrial[];
}

/** A trial with the last rung that it was in. */
export interface RankedTrial extends RungTrial {
  /** Index of the rung. */
  readonly rung: number;
}

export interface SearchResult {
  readonly rungs: readonly RungResult[];
  /** Every trial: by the rung that it reached, there by its score; those that diverged last. */
  readonly ranking: readonly RankedTrial[];
}

export interface SearchPlan {
  readonly trials: readonly Trial[];
  readonly rungs: readonly Rung[];
  readonly metric: MetricName;
  /** Runs of a trial. */
  readonly folds: number;
}

/** What a run is of. */
export interface RunOrder {
  readonly trial: Trial;
  readonly rung: Rung;
  /** From 0. */
  readonly fold: number;
  /** For who waits: `trial 2 of 9, rung 1 of 3` */
  readonly place: string;
}

/**
 * Trains all trials rung by rung, one after the other, and has the best go on. The result depends on the plan and on what `train`
 * returns, and on nothing else.
 * @param train trains a run up to the rung's epochs, or finds that it has them already
 */
export async function runSearch(
  plan: SearchPlan,
  train: (order: RunOrder) => Promise<TrainedRun>,
): Promise<SearchResult> {
  const { rungs, metric, folds } = plan;
  const results: RungResult[] = [];
  const ended = new Map<Trial, RankedTrial>();
  let going = plan.trials;
  for (const [index, rung] of rungs.entries()) {
    if (going.length === 0) break;
    const trials: RungTrial[] = [];
    for (const [i, trial] of going.entries()) {
      const rungText = rungs.length === 1 ? '' : `, rung ${index + 1} of ${rungs.length}`;
      const place = `trial ${i + 1} of ${going.length}${rungText}`;
      const result = await trainTrial(trial, folds, metric, (fold) =>
        train({ trial, rung, fold, place: folds === 1 ? place : `${place}, fold ${fold + 1} of ${folds}` }),
      );
      trials.push(result);
      ended.set(trial, { ...result, rung: index });
    }
    trials.sort((a, b) => compareTrials(a, b, metric));
    results.push({ rung, trials });
    const next = rungs[index + 1]?.trials ?? 0;
    // In their own order: what is printed is easier to follow.
    const completed = trials.filter(({ score }) => score !== null);
    const best = new Set(completed.slice(0, next).map(({ trial }) => trial));
    going = going.filter((trial) => best.has(trial));
  }
  const ranking = [...ended.values()].sort(
    (a, b) =>
      Number(a.score === null) - Number(b.score === null) || b.rung - a.rung || compareTrials(a, b, metric),
  );
  return { rungs: results, ranking };
}

/** A fold that diverges decides: the others are not trained. */
async function trainTrial(
  trial: Trial,
  folds: number,
  metric: MetricName,
  train: (fold: number) => Promise<TrainedRun>,
): Promise<RungTrial> {
  const runs: TrialRun[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const run = await train(fold);
    runs.push({ ...run, score: run.diverged ? null : runScore(run.epochs, metric) });
    if (run.diverged) return { trial, runs, score: null };
  }
  return { trial, runs, score: trialScore(runs.map(({ score }) => score!)) };
}

function compareTrials(a: RungTrial, b: RungTrial, metric: MetricName): number {
  if (a.score === null || b.score === null) {
    return Number(a.score === null) - Number(b.score === null) || a.trial.number - b.trial.number;
  }
  return compareMeasured(a.score, b.score, metric) || a.trial.number - b.trial.number;
}
