import type { ComponentChildren } from 'preact';
import type { SplitMetrics } from '../../runs/metrics.js';
import { countText, duration, levelText, natsText, percentText } from '../format.js';
import { Tiles } from '../pages/elements.js';
import { Table } from '../pages/table.js';
import { threadsText } from './part-rows.js';
import type { ReportData } from './report-data.js';

/** The most important numbers of a report. */
export function Headline({ content }: { content: ReportData }) {
  const { run, evaluation, split, choice, layers } = content;
  const { summary, epochs } = run;
  const { best, final } = summary ?? { best: null, final: null };
  const scores = evaluation?.scores;
  const interval =
    scores &&
    `${levelText(scores.intervals.level)} interval ${percentText(scores.intervals.top1.low)} to ${percentText(scores.intervals.top1.high)}`;
  const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const parameters = layers
    .flatMap(({ operator }) => operator.parameters)
    .reduce((sum, { shape }) => sum + product(shape), 0);
  const multiplyAdds = layers.reduce((sum, { operator }) => sum + operator.multiplyAdds, 0);
  const measured = split === 'test' ? (choice === 'best' ? best : final)?.test : undefined;
  // Other images, such as those of --data, have an interval of their own.
  const isMeasured = scores?.samples === measured?.samples && scores?.top1 === measured?.top1;
  const ofEvaluation = (of: 'best' | 'last') => (choice === of && isMeasured ? interval : undefined);
  const tiles = [
    best && {
      name: `Test top-1, best epoch (${best.epoch})`,
      value: percentText(best.test.top1),
      more: ofEvaluation('best'),
    },
    final && {
      name: 'Test top-1, last epoch',
      value: percentText(final.test.top1),
      more: ofEvaluation('last'),
    },
    scores &&
      !isMeasured && {
        name: `${split} top-1, ${choice} weights, evaluated now`,
        value: percentText(scores.top1),
        more: interval,
      },
    best && { name: 'Test top-5, best epoch', value: percentText(best.test.top5) },
    epochs.length > 0 && {
      name: 'Validation top-1, highest',
      value: percentText(Math.max(...epochs.map(({ validation }) => validation.top1))),
    },
    {
      name: 'Training',
      value: duration(seconds),
      more: `${epochs.length} of ${run.config.training.epochs} epochs`,
    },
    typeof summary?.imagesPerSecond.median === 'number' && {
      name: 'Images/s, median epoch',
      value: countText(summary.imagesPerSecond.median),
      more: threadsText(summary),
    },
    {
      name: 'Parameters',
      value: countText(parameters),
      more: `${countText(multiplyAdds)} multiply-adds an image`,
    },
  ].filter((tile) => tile !== false && tile !== null && tile !== undefined);
  return (
    <>
      <Tiles tiles={tiles} />
      <Splits content={content} />
    </>
  );
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

interface Measured extends Pick<SplitMetrics, 'samples' | 'loss' | 'top1' | 'top5'> {
  readonly weights: string;
  readonly split: string;
}

/** The results at the end of the training. */
function Splits({ content: { run } }: { content: ReportData }): ComponentChildren {
  const { best, final } = run.summary ?? { best: null, final: null };
  const rows: Measured[] = [
    ...(['validation', 'test'] as const).flatMap((split) =>
      best === null ? [] : [{ weights: `best (epoch ${best.epoch})`, split, ...best[split] }],
    ),
    ...(['train', 'validation', 'test'] as const).flatMap((split) =>
      final === null ? [] : [{ weights: 'last', split, ...final[split] }],
    ),
  ];
  if (rows.length === 0) return null;
  return (
    <Table
      caption="Measured at the end of the training, each split in one pass; best: the epoch with the highest validation top-1"
      rows={rows}
      columns={[
        { name: 'Weights', of: (row) => row.weights },
        { name: 'Split', of: (row) => row.split },
        { name: 'Images', of: (row) => countText(row.samples), numeric: true },
        { name: 'Cross entropy', of: (row) => natsText(row.loss), numeric: true },
        { name: 'Top-1', of: (row) => percentText(row.top1), numeric: true },
        { name: 'Top-5', of: (row) => percentText(row.top5), numeric: true },
      ]}
    />
  );
}
