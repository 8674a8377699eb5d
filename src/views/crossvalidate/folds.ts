import { deviationOf, meanOf } from '../../evaluation/statistics/means.js';
import { lockstepVersion } from '../../runs/summary.js';
import { type Measured, measuredOf, overRuns, type RunScore } from '../../search/score.js';
import { type EndedRun, isCompleted } from '../compare/candidate.js';
import { integer, nats, none, percent, percentText } from '../format.js';
import { type TextTable, tableOf } from '../text-table.js';

/** `crossvalidate.json`. */
export interface CrossValidation {
  /** The config's file, as it was given. */
  readonly config: string;
  readonly folds: readonly FoldFigures[];
  /** Over the folds that did not diverge; null where fewer than two are left. */
  readonly mean: FoldMeasures | null;
  /** Standard deviation, with n - 1. */
  readonly deviation: FoldMeasures | null;
  readonly version: string;
}

/** Validation of the last weights and of those of the best epoch by `training.bestBy`, and the untouched test of the last. */
export interface FoldMeasures {
  readonly last: Measured;
  readonly best: Measured;
  readonly test: Measured;
}

export interface FoldFigures {
  /** From 1. */
  readonly fold: number;
  readonly directory: string;
  /** Images that it validates; null where the fold diverged. */
  readonly images: number | null;
  /** null where it diverged. */
  readonly measures: (FoldMeasures & { readonly best: RunScore }) | null;
}

/** @param runs one for each fold, in their order */
export function crossValidation(config: string, runs: readonly EndedRun[]): CrossValidation {
  const folds = runs.map((run, i): FoldFigures => {
    const about = { fold: i + 1, directory: run.directory };
    if (!isCompleted(run)) return { ...about, images: null, measures: null };
    const { final, best } = run.summary;
    return {
      ...about,
      images: final.validation.samples,
      measures: {
        last: measuredOf(final.validation),
        best: { epoch: best.epoch, ...measuredOf(best.validation) },
        test: measuredOf(final.test),
      },
    };
  });
  const completed = folds.flatMap(({ measures }) => measures ?? []);
  const over = (statistic: (values: readonly number[]) => number): FoldMeasures | null => {
    if (completed.length < 2) return null;
    const of = (measure: keyof FoldMeasures) =>
      overRuns(
        completed.map((each) => each[measure]),
        statistic,
      );
    return { last: of('last'), best: of('best'), test: of('test') };
  };
  return {
    config,
    folds,
    mean: over(meanOf),
    deviation: over(deviationOf),
    version: lockstepVersion(),
  };
}

/** Each fold, then mean and deviation: the same on the page and the terminal. */
export function foldsTable({ folds, mean, deviation }: CrossValidation): TextTable {
  interface Row {
    readonly name: string;
    readonly images?: number | null;
    readonly epoch?: number | undefined;
    readonly measures: FoldMeasures | null;
  }
  const value =
    (of: (measures: FoldMeasures) => number, text: (value: number) => string) =>
    ({ measures }: Row) =>
      measures === null ? none : text(of(measures));
  const balanced = folds.some(({ measures }) => measures?.last.balancedTop1 !== undefined);
  const balancedOf = (name: string, of: keyof FoldMeasures) =>
    balanced ? [{ name, of: ({ measures }: Row) => percentText(measures?.[of].balancedTop1) }] : [];
  const count = (value: number | null | undefined) => (typeof value === 'number' ? integer(value) : none);
  const rows: Row[] = folds.map(({ fold, images, measures }) => ({
    name: measures === null ? `${fold}, diverged` : `${fold}`,
    images,
    epoch: measures?.best.epoch,
    measures,
  }));
  rows.push({ name: 'mean', measures: mean }, { name: 'deviation', measures: deviation });
  return tableOf<Row>(
    {
      id: 'folds',
      title: 'Folds',
      caption:
        'Validation of the last weights and of those that were best on it, and the test of the last; the standard deviation over the folds',
    },
    [
      { name: 'Fold', of: ({ name }) => name, text: true },
      { name: 'Images', of: ({ images }) => count(images) },
      { name: 'Top-1', of: value(({ last }) => last.top1, percent) },
      ...balancedOf('Balanced', 'last'),
      { name: 'Loss', of: value(({ last }) => last.loss, nats) },
      { name: 'Best epoch', of: ({ epoch }) => count(epoch) },
      { name: 'Best, top-1', of: value(({ best }) => best.top1, percent) },
      ...balancedOf('Best, balanced', 'best'),
      { name: 'Best, loss', of: value(({ best }) => best.loss, nats) },
      { name: 'Test', of: value(({ test }) => test.top1, percent) },
      ...balancedOf('Test, balanced', 'test'),
    ],
    rows,
  );
}
