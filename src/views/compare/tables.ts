import { countText, duration, integer, levelText, none, percentText, points, pValue } from '../format.js';
import { type TextTable, tableOf } from '../text-table.js';
import type { Comparison } from './comparison.js';
import type { Accuracy, BalancedMeasure, CandidateFigures, Measure, RunFigures } from './figures.js';
import { accuracyText, isMoreThanChance, range, sentence, spreadText } from './finding-text.js';
import { type Pair, tests } from './pairs.js';

/** The tables of a comparison: the page, Markdown and the terminal show the same ones. */

const hasSeeds = ({ entries }: Comparison) => entries.some(({ runs }) => runs.length > 1);
const hasBalanced = ({ entries }: Comparison) => entries.some(({ balancedTop1 }) => balancedTop1 !== null);
const balancedCaption = (comparison: Comparison) =>
  hasBalanced(comparison)
    ? "; balanced: the mean of the classes' recalls, where training goes by balancedTop1"
    : '';

export function tablesOf(comparison: Comparison): TextTable[] {
  return [
    accuracyTable(comparison),
    ...(comparison.pairs.length > 0 ? [pairsTable(comparison)] : []),
    costTable(comparison),
    ...(hasSeeds(comparison) ? [runsTable(comparison)] : []),
  ];
}

function accuracyTable(comparison: Comparison): TextTable {
  const { entries, resampling } = comparison;
  const of =
    (measure: Measure, text: (accuracy: Accuracy) => string) =>
    ({ top1 }: CandidateFigures) =>
      top1 === null ? none : text(top1[measure]);
  const balanced = (name: string, measure: BalancedMeasure) =>
    hasBalanced(comparison)
      ? [
          {
            name,
            of: ({ balancedTop1 }: CandidateFigures) =>
              balancedTop1 === null ? none : spreadText(balancedTop1[measure]),
          },
        ]
      : [];
  const seeds = hasSeeds(comparison);
  const spread = seeds ? ', ± the standard deviation over the seeds' : '';
  return tableOf<CandidateFigures>(
    {
      id: 'accuracy',
      title: 'Accuracy',
      caption: `Top-1 accuracy${spread}, and the ${levelText(resampling.level)} interval of the test's; of the last weights, and of those that were best on validation${balancedCaption(comparison)}`,
    },
    [
      { name: 'Network', of: ({ name }) => name, text: true },
      ...(seeds || entries.some(({ top1 }) => top1 === null)
        ? [{ name: 'Runs', of: runsText, text: true }]
        : []),
      { name: 'Train', of: of('train', spreadText) },
      { name: 'Validation', of: of('validation', spreadText) },
      { name: 'Test', of: of('test', accuracyText) },
      ...balanced('Test, balanced', 'test'),
      { name: 'Best, validation', of: of('bestValidation', spreadText) },
      { name: 'Best, test', of: of('bestTest', accuracyText) },
      ...balanced('Best, test, balanced', 'bestTest'),
    ],
    entries,
  );
}

/** `5`, `4 of 5, 1 diverged` */
function runsText({ runs }: CandidateFigures): string {
  const failed = runs.filter(({ status }) => status === 'failed').length;
  return failed === 0 ? `${runs.length}` : `${runs.length - failed} of ${runs.length}, ${failed} diverged`;
}

function pairsTable({ pairs, resampling, weights }: Comparison): TextTable {
  const { level } = resampling;
  const result = (of: (result: NonNullable<Pair['result']>) => string) => (pair: Pair) =>
    pair.result === null ? none : of(pair.result);
  return tableOf<Pair>(
    {
      id: 'differences',
      title: 'More than chance?',
      caption: `Test top-1 of the first network less that of the second, in percentage points, of the ${weights} weights`,
    },
    [
      { name: 'Networks', of: ({ a, b }) => `${a} − ${b}`, text: true },
      { name: 'Difference', of: result(({ difference }) => points(difference)) },
      { name: `${levelText(level)} interval`, of: result(({ interval }) => range(interval, points)) },
      { name: 'p', of: result(({ p }) => pValue(p)) },
      { name: 'p, Holm', of: result(({ adjusted }) => pValue(adjusted)) },
      { name: 'More than chance', of: (pair) => verdict(pair, level), text: true },
      { name: 'Test', of: result(({ test }) => tests[test]), text: true },
    ],
    pairs,
  );
}

function verdict(pair: Pair, level: number): string {
  if (pair.result === null) return none;
  return isMoreThanChance(pair, level) ? 'yes' : 'no';
}

function costTable({ entries }: Comparison): TextTable {
  return tableOf<CandidateFigures>(
    {
      id: 'cost',
      title: 'Cost',
      caption: 'Multiply-adds of an image, forward; time of training and validation; images/s of training',
    },
    [
      { name: 'Network', of: ({ name }) => name, text: true },
      { name: 'Parameters', of: ({ parameters }) => integer(parameters) },
      { name: 'Multiply-adds', of: ({ multiplyAdds }) => integer(multiplyAdds) },
      { name: 'Epochs', of: ({ epochs }) => integer(epochs) },
      { name: 'Time', of: ({ seconds }) => (seconds === null ? none : duration(seconds)) },
      {
        name: 'Images/s',
        of: ({ imagesPerSecond }) => countText(imagesPerSecond),
      },
      { name: 'From', of: ({ from }) => from, text: true },
    ],
    entries,
  );
}

function runsTable(comparison: Comparison): TextTable {
  const { entries } = comparison;
  const rows = entries.flatMap(({ name, runs }) => runs.map((run) => ({ name, run })));
  type Row = (typeof rows)[number];
  const of =
    (value: (run: RunFigures) => string) =>
    ({ run }: Row) =>
      value(run);
  const top1 = (measure: Measure) => of((run) => percentText(run.top1?.[measure]));
  const balanced = (name: string, measure: BalancedMeasure) =>
    hasBalanced(comparison) ? [{ name, of: of((run) => percentText(run.balancedTop1?.[measure])) }] : [];
  return tableOf<Row>(
    { id: 'runs', title: 'Each run', caption: `Top-1 accuracy of each run${balancedCaption(comparison)}` },
    [
      { name: 'Network', of: ({ name }) => name, text: true },
      { name: 'Seed', of: of(({ seed }) => String(seed)) },
      { name: 'Train', of: top1('train') },
      { name: 'Validation', of: top1('validation') },
      { name: 'Test', of: top1('test') },
      ...balanced('Test, balanced', 'test'),
      { name: 'Best, test', of: top1('bestTest') },
      ...balanced('Best, test, balanced', 'bestTest'),
      { name: 'Best epoch', of: of(({ bestEpoch }) => (bestEpoch === null ? none : String(bestEpoch))) },
      {
        name: 'Epochs',
        of: of(({ status, epochsRun }) => `${epochsRun}${status === 'failed' ? ', diverged' : ''}`),
      },
      { name: 'Directory', of: of(({ directory }) => directory), text: true },
    ],
    rows,
  );
}

/** The result of each pair, a sentence each. */
export function findings({ pairs, resampling, weights }: Comparison): string[] {
  const tested = pairs.filter(({ result }) => result !== null).length;
  return pairs.map((pair) => sentence(pair, resampling.level, tested, weights));
}

/** How the figures were made, a paragraph each. */
export function methods(comparison: Comparison): string[] {
  const { entries, pairs, resampling, weights } = comparison;
  const used = new Set(pairs.flatMap(({ result }) => result?.test ?? []));
  const one = entries.some(({ runs }) => runs.length === 1);
  const sure = levelText(resampling.level);
  return [
    one &&
      `The ${sure} interval of a single run is the percentile bootstrap's over the images (${integer(resampling.resamples)} resamples, seed ${resampling.seed}). It says how sure the accuracy of these very weights is, and nothing of another seed's: that takes --seeds.`,
    hasSeeds(comparison) &&
      `Over several seeds the ${sure} interval is Student's, of the mean over the runs that did not diverge.`,
    used.has('mcNemar') &&
      `Single runs on the same test images are compared image by image, with the ${weights} weights: the exact McNemar test, and the percentile bootstrap of the difference.`,
    used.has('fisher') &&
      `Single runs whose test images are not known to be the same are compared by their counts: Fisher's exact test, and the bootstrap of both.`,
    used.has('welch') &&
      `Several seeds are compared by Welch's t-test of their test accuracies, with the ${weights} weights.`,
    used.size > 0 &&
      `More than chance: p below ${Number((1 - resampling.level).toFixed(6))} after Holm's correction for all pairs together. The intervals of differences are each pair's own, without correction.`,
  ].filter((text) => text !== false);
}
