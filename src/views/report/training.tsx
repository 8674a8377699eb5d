import { metricNames } from '../../runs/best.js';
import { placeOf } from '../../runs/ending.js';
import type { EpochMetrics } from '../../runs/metrics.js';
import type { SavedRun } from '../../runs/saved-run.js';
import { trainLossExtras, trainLossNote } from '../../runs/train-loss.js';
import { bytesText, countText, duration, learningRateText, natsText, percentText } from '../format.js';
import { Figure, KeyValues, Section, SideBySide } from '../pages/elements.js';
import { Table } from '../pages/table.js';
import { type PartRow, partRows, threadsOfPart, threadsText } from './part-rows.js';
import type { Plots } from './plots.js';
import type { ReportData } from './report-data.js';
import { scheduleOf } from './schedule.js';
import { settingText } from './setting-text.js';

/** The course of the training: its curves, and the machine. */
export function Training({ content, plots }: { content: ReportData; plots: Plots }) {
  const { run } = content;
  const { epochs } = run;
  const isAugmented = Object.keys(run.config.training.augmentation).length > 0;
  if (epochs.length === 0) return <p>No epoch has ended.</p>;
  return (
    <>
      <SideBySide>
        {plots.loss && (
          <Figure
            id="plot-loss"
            svg={plots.loss}
            text={courseOf(epochs, 'loss')}
            caption={`Mean cross entropy, nats. ${trainLossNote(trainLossExtras(run.config)) ?? ''}`}
          />
        )}
        {plots.top1 && (
          <Figure
            id="plot-top1"
            svg={plots.top1}
            text={courseOf(epochs, 'top1')}
            caption={`Top-1 accuracy. Train: of each batch with the weights before its step${isAugmented ? ', its images augmented' : ''}. Validation: with the weights after the epoch.`}
          />
        )}
        {plots.learningRate && (
          <Figure id="plot-learning-rate" svg={plots.learningRate} {...textsOfSchedule(run)} />
        )}
        {plots.speed && (
          <Figure
            id="plot-speed"
            svg={plots.speed}
            text={`Training images a second in each epoch, from ${countText(lowest(epochs))} to ${countText(highest(epochs))}.`}
            caption="Training images a second, validation left out."
          />
        )}
      </SideBySide>
      <details>
        <summary>Epoch by epoch, as numbers</summary>
        <Epochs epochs={epochs} />
      </details>
    </>
  );
}

const lowest = (epochs: readonly EpochMetrics[]) => Math.min(...epochs.map((epoch) => epoch.imagesPerSecond));
const highest = (epochs: readonly EpochMetrics[]) =>
  Math.max(...epochs.map((epoch) => epoch.imagesPerSecond));

function courseOf(epochs: readonly EpochMetrics[], measure: 'loss' | 'top1'): string {
  const [first, last] = [epochs[0]!, epochs.at(-1)!];
  const text = measure === 'loss' ? natsText : percentText;
  const what = measure === 'loss' ? 'Cross entropy' : 'Top-1 accuracy';
  const of = (split: 'train' | 'validation') =>
    `${split} from ${text(first[split][measure])} to ${text(last[split][measure])}`;
  return `${what} from epoch ${first.epoch} to ${last.epoch}: ${of('train')}, ${of('validation')}.`;
}

/** What the plot of the learning rate shows, and what must be known to read it. */
function textsOfSchedule(run: SavedRun): { readonly text: string; readonly caption: string } {
  const { done, planned, reductions, end } = scheduleOf(run)!;
  const { schedule } = run.config.optimizer;
  const rates = done.map(([, rate]) => rate);
  const ends = [rates[0]!, Math.max(...rates), rates.at(-1)!].map(learningRateText);
  const times = reductions.length === 1 ? 'epoch' : 'epochs';
  return {
    text: `The learning rate from step to step: ${ends[0]} in the first, ${ends[1]} at most, ${ends[2]} in the last.`,
    caption: [
      `The learning rate of each step: ${settingText(schedule)}.`,
      ...(schedule.type !== 'reduceOnPlateau'
        ? []
        : reductions.length === 0
          ? ['It was never made smaller.']
          : [
              `It was made smaller after ${times} ${reductions.join(', ')}, by the validation's ${metricNames[schedule.metric]}.`,
            ]),
      ...(planned.length === 0
        ? []
        : [`Dotted: what was to come after ${placeOf(end, run.config.training.epochs)}.`]),
    ].join(' '),
  };
}

const Epochs = ({ epochs }: { epochs: readonly EpochMetrics[] }) => (
  <Table
    caption="Each epoch of the training"
    rows={epochs}
    columns={[
      { name: 'Epoch', of: (row) => row.epoch, numeric: true },
      { name: 'Learning rate', of: (row) => learningRateText(row.learningRate), numeric: true },
      { name: 'Train loss', of: (row) => natsText(row.train.loss), numeric: true },
      { name: 'Train top-1', of: (row) => percentText(row.train.top1), numeric: true },
      { name: 'Validation loss', of: (row) => natsText(row.validation.loss), numeric: true },
      { name: 'Validation top-1', of: (row) => percentText(row.validation.top1), numeric: true },
      { name: 'Validation top-5', of: (row) => percentText(row.validation.top5), numeric: true },
      { name: 'Seconds', of: (row) => row.seconds.toFixed(2), numeric: true },
      { name: 'Images/s', of: (row) => countText(row.imagesPerSecond), numeric: true },
    ]}
  />
);

/** The machine and the versions of the training. */
export function Machine({ content: { run } }: { content: ReportData }) {
  const { summary, epochs } = run;
  if (summary === undefined) return null;
  const parts = partRows(summary.parts ?? [], epochs);
  const { machine, versions, engine, memory } = summary;
  return (
    <Section id="machine" title="Machine" level={3}>
      {parts.length > 1 && <Parts parts={parts} />}
      <KeyValues
        pairs={[
          ['Threads', threadsText(summary)],
          ['Processor', `${machine.cpu}, ${machine.cores} at once`],
          ['System', `${machine.platform} ${machine.arch}`],
          ['Node.js', `${versions.node} (V8 ${versions.v8})`],
          ['Kernels', settingText(engine)],
          ['Memory at most', bytesText(memory.peakBytes)],
          ['Images held in memory', countText(memory.samplesResident)],
          ['Time of all epochs', duration(summary.seconds)],
        ]}
      />
    </Section>
  );
}

const ranksColumn = {
  name: 'Ranks',
  of: ({ part }: PartRow) => part.distributed?.ranks.length ?? 1,
  numeric: true,
};

const Parts = ({ parts }: { parts: readonly PartRow[] }) => (
  <Table
    caption="The training was interrupted and resumed; its parts, each with the time and speed of the epochs that ended in it. What is below is of the last part."
    rows={parts}
    columns={[
      {
        name: 'From',
        of: ({ part }) => `epoch ${part.epoch + 1}${part.step > 0 ? `, step ${part.step + 1}` : ''}`,
      },
      { name: 'Threads', of: ({ part }) => threadsOfPart(part), numeric: true },
      ...(parts.some(({ part }) => part.distributed !== undefined) ? [ranksColumn] : []),
      { name: 'Epochs', of: (row) => row.epochs, numeric: true },
      { name: 'Time', of: (row) => duration(row.seconds), numeric: true },
      { name: 'Images/s, median', of: (row) => countText(row.imagesPerSecond), numeric: true },
      { name: 'Processor', of: ({ part }) => `${part.cpu}, ${part.cores} at once` },
      { name: 'Node.js', of: ({ part }) => part.node },
    ]}
  />
);
