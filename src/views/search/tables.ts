import { shown } from '../../config/describe.js';
import type { MetricName } from '../../config/schema.js';
import { metricNames } from '../../runs/best.js';
import type { Measured } from '../../search/score.js';
import { integer, nats, natsText, none, percent, percentText } from '../format.js';
import { type TextTable, tableOf } from '../text-table.js';
import type { SearchRecord, TrialRecord } from './record.js';

type TrialRun = TrialRecord['runs'][number];

/** The tables of a search: the page and the terminal show the same ones. */

/** A value as tables show it: six digits that count. */
export const valueText = (value: unknown): string =>
  typeof value === 'number' ? String(Number(value.toPrecision(6))) : shown(value);

/** `91.20%`, of folds `91.20% ± 0.40%` */
export function measuredText({ score }: Pick<TrialRecord, 'score'>, metric: MetricName): string {
  if (score?.[metric] === undefined) return none;
  const text = metric === 'loss' ? nats : percent;
  const spread = score.deviation === null ? '' : ` ± ${text(score.deviation[metric]!)}`;
  return `${text(score[metric])}${spread}`;
}

const isBalanced = (scores: readonly (Measured | null)[]) =>
  scores.some((score) => score?.balancedTop1 !== undefined);

/** @param most trials that it shows */
export function trialsTable(
  { search, trials, best }: SearchRecord,
  most = Number.POSITIVE_INFINITY,
): TextTable {
  const folds =
    search.folds === undefined ? '' : `, means over ${search.folds} folds ± the standard deviation`;
  const keys = Object.keys(search.space);
  type Row = { readonly rank: number; readonly trial: TrialRecord };
  const rows = trials.map((trial, i): Row => ({ rank: i + 1, trial })).slice(0, most);
  return tableOf<Row>(
    {
      id: 'trials',
      title: rows.length < trials.length ? `The best ${rows.length} of ${trials.length} trials` : 'Trials',
      caption: `Validation at the best epoch${folds}; epochs of the last rung that a trial was in; the best trial first`,
    },
    [
      { name: 'Rank', of: ({ rank }) => integer(rank) },
      { name: 'Trial', of: ({ trial }) => integer(trial.trial) },
      ...keys.map((key) => ({ name: key, of: ({ trial }: Row) => valueText(trial.values[key]) })),
      { name: 'Epochs', of: ({ trial }) => integer(trial.epochs) },
      { name: 'Top-1', of: ({ trial }) => measuredText(trial, 'top1') },
      ...(isBalanced(trials.map(({ score }) => score))
        ? [{ name: 'Balanced top-1', of: ({ trial }: Row) => measuredText(trial, 'balancedTop1') }]
        : []),
      { name: 'Loss', of: ({ trial }) => measuredText(trial, 'loss') },
      { name: 'Outcome', of: ({ trial }) => outcome(trial, best), text: true },
    ],
    rows,
  );
}

function outcome({ trial, score }: TrialRecord, best: number | null): string {
  if (score === null) return 'diverged';
  return trial === best ? 'best' : '';
}

export function rungsTable({ rungs, search }: SearchRecord): TextTable {
  type Row = { readonly number: number } & SearchRecord['rungs'][number];
  const { metric } = search;
  const score = ([first]: Row['trials']) => {
    if (first === undefined || first.diverged) return none;
    return metric === 'loss' ? nats(first.loss!) : percent(first[metric]!);
  };
  return tableOf<Row>(
    { id: 'rungs', title: 'Rungs', caption: 'The trials of each rung, and its best one' },
    [
      { name: 'Rung', of: ({ number }) => integer(number) },
      { name: 'Epochs', of: ({ epochs }) => (epochs === null ? none : integer(epochs)) },
      { name: 'Trials', of: ({ trials }) => integer(trials.length) },
      { name: 'Diverged', of: ({ trials }) => integer(trials.filter(({ diverged }) => diverged).length) },
      {
        name: 'Best trial',
        of: ({ trials: [first] }) => (first === undefined || first.diverged ? none : integer(first.trial)),
      },
      { name: `Its ${metricNames[metric]}`, of: ({ trials }) => score(trials) },
    ],
    rungs.map((rung, i) => ({ ...rung, number: i + 1 })),
  );
}

/** How it was searched, a sentence each. */
export function methodTexts({ search }: SearchRecord): string[] {
  const { method, metric, seed, folds, config } = search;
  const by =
    metric === 'loss'
      ? "the validation loss at a run's best epoch, ties by top-1"
      : `validation ${metricNames[metric]} at a run's best epoch, ties by the loss`;
  const how =
    method.type === 'random'
      ? `${integer(method.trials)} trials of ${config}, each with all of its epochs`
      : `Successive halving (Jamieson and Talwalkar 2016) of ${integer(method.trials)} trials of ${config}: one of ${method.factor} goes on, for ${method.factor} times the epochs, from ${method.leastEpochs} on. Where the learning rate's schedule depends on the number of epochs, each rung trains anew`;
  return [
    `${how}.`,
    `A trial's values are a function of seed ${seed}, the trial's number and the key. Trials are ordered by ${by}; one that diverged is last.`,
    ...(folds === undefined
      ? []
      : [
          `A trial's score is the mean over ${folds} stratified folds of the training and validation images; the test images take no part.`,
        ]),
    'The best of many trials is better on validation than it will be elsewhere: judge it by its test, or by other seeds.',
  ];
}

/** The runs of a trial, a fold each. */
export const foldsTable = ({ runs }: Pick<TrialRecord, 'runs'>): TextTable =>
  tableOf<TrialRun & { readonly fold: number }>(
    { id: 'folds', title: 'Folds', caption: 'Validation of each fold at its best epoch' },
    [
      { name: 'Fold', of: ({ fold }) => integer(fold) },
      { name: 'Best epoch', of: ({ score }) => (score === null ? none : integer(score.epoch)) },
      { name: 'Top-1', of: ({ score }) => percentText(score?.top1) },
      ...(isBalanced(runs.map(({ score }) => score))
        ? [{ name: 'Balanced top-1', of: ({ score }: TrialRun) => percentText(score?.balancedTop1) }]
        : []),
      { name: 'Loss', of: ({ score }) => natsText(score?.loss) },
      { name: 'Directory', of: ({ directory }) => directory, text: true },
    ],
    runs.map((run, i) => ({ ...run, fold: i + 1 })),
  );
