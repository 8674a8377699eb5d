import { type Curve, linesOption, mostLetters, type Panel } from './lines.js';
import { renderSvg } from './render.js';
import { lookOf, splitLooks } from './theme.js';

/** Loss and accuracy of trainings against the epoch. */

interface SplitValues {
  readonly loss: number;
  readonly top1: number;
}

/** Of a run's `metrics.jsonl`, what is drawn. */
export interface EpochValues {
  readonly epoch: number;
  readonly train: SplitValues;
  readonly validation: SplitValues;
}

type SplitName = 'train' | 'validation';
type Points = readonly (readonly [x: number, y: number])[];

/** What a panel shows of a split. */
export const measures = {
  loss: { axis: 'cross entropy (nats per sample)', range: 'fit', of: (split: SplitValues) => split.loss },
  top1: { axis: 'top-1 accuracy (%)', range: 'zero', of: (split: SplitValues) => 100 * split.top1 },
} as const;
export type Measure = keyof typeof measures;

/** Epoch and value, epoch by epoch. */
export const pointsOf = (epochs: readonly EpochValues[], measure: Measure, split: SplitName): Points =>
  epochs.map((values) => [values.epoch, measures[measure].of(values[split])]);

const panelOf = (measure: Measure, curves: readonly Curve[], place: Panel['place']): Panel => ({
  xAxis: 'epoch',
  yAxis: measures[measure].axis,
  range: measures[measure].range,
  curves,
  place,
});

const splitNames = ['train', 'validation'] as const;
/** Of a note below the panels: of its first line with a gap, and of further ones. */
const noteHeight = 22;
const noteLine = 15;
const curvesOf = (epochs: readonly EpochValues[], measure: Measure): Curve[] =>
  splitNames.map((split) => ({
    name: split,
    points: pointsOf(epochs, measure, split),
    look: splitLooks[split],
  }));

/** A run's `curves.svg`: loss beside top-1 accuracy, and below them a note if there is one. */
export function renderCurves(name: string, epochs: readonly EpochValues[], note?: string): Promise<string> {
  const below = note === undefined ? 0 : noteHeight;
  const place = (left: number) => ({ left, width: 395, top: 90, bottom: 62 + below });
  const panels = [
    panelOf('loss', curvesOf(epochs, 'loss'), place(75)),
    panelOf('top1', curvesOf(epochs, 'top1'), place(575)),
  ];
  return renderSvg(linesOption(panels, { names: splitNames, top: 46, gap: 28 }, { title: name, note }), {
    width: 1000,
    height: 440 + below,
  });
}

/** Of a chart with one panel: narrow enough that its text can be read on a phone. */
export const panelSize = { width: 460, height: 330 } as const;

/**
 * One panel, and above it a legend in as many lines as the names take; of a single name, what the axis says is enough.
 * @param note stands below it
 */
export function renderPanel(panel: Omit<Panel, 'place'>, note?: string): Promise<string> {
  const all = [...new Set(panel.curves.map(({ name }) => name))];
  const names = all.length === 1 ? [] : all;
  const lines = Math.max(1, legendLines(names, panelSize.width));
  const top = 24 + lineHeight * lines - legendGap;
  const written = note === undefined ? [] : wordLines(note, mostNoteLetters);
  const below = written.length === 0 ? 0 : noteHeight + noteLine * (written.length - 1);
  const place = { left: 66, right: 16, top, bottom: 52 + below };
  const size = { width: panelSize.width, height: panelSize.height + lineHeight * (lines - 1) + below };
  const text = below === 0 ? undefined : written.join('\n');
  return renderSvg(
    linesOption([{ ...panel, place }], { names, top: 6, gap: legendGap }, { note: text }),
    size,
  );
}

/** Loss or accuracy of one run, train and validation. */
export const renderRunPanel = (
  epochs: readonly EpochValues[],
  measure: Measure,
  note?: string,
): Promise<string> => renderPanel(panelOf(measure, curvesOf(epochs, measure), noPlace), note);

/** A run, or a group of runs that differ in their seeds. */
export interface RunCurves {
  readonly name: string;
  readonly epochs: readonly (readonly EpochValues[])[];
}

/**
 * Loss or accuracy of several runs, a colour, dash and marker each, by their order; a thin line is the training's. Of a group the mean
 * is drawn, over the epochs that all have, and the range from the lowest to the highest as a band.
 */
export const renderRunsPanel = (runs: readonly RunCurves[], measure: Measure): Promise<string> =>
  renderPanel(
    panelOf(
      measure,
      runs.flatMap(({ name, epochs }, i) => {
        const look = lookOf(i);
        const [train, validation] = splitNames.map((split) =>
          overSeeds(epochs.map((run) => pointsOf(run, measure, split))),
        ) as [Spread, Spread];
        return [
          { name, look, ...validation },
          { name, look, points: train.points, thin: true },
        ];
      }),
      noPlace,
    ),
  );

const noPlace = { left: 0, top: 0, bottom: 0 };

type Spread = Pick<Curve, 'points' | 'band'>;

/** The mean of several curves and their range. */
function overSeeds(curves: readonly Points[]): Spread {
  if (curves.length === 1) return { points: curves[0]! };
  const shared = Math.min(...curves.map((points) => points.length));
  const at = Array.from({ length: Number.isFinite(shared) ? shared : 0 }, (_, i) => ({
    x: curves[0]![i]![0],
    values: curves.map((points) => points[i]![1]),
  }));
  return {
    points: at.map(({ x, values }) => [x, values.reduce((a, b) => a + b, 0) / values.length]),
    band: at.map(({ x, values }) => [x, Math.min(...values), Math.max(...values)]),
  };
}

/** Of a line of a panel's note. */
const mostNoteLetters = 78;

function wordLines(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const legendGap = 20;
/** Of the legend. */
const lineHeight = 14 + legendGap;

/** Lines of the legend: about 7.5 units a letter, and a sample of the curve and a gap beside each name. */
function legendLines(names: readonly string[], width: number): number {
  let lines = 1;
  let used = 0;
  for (const name of names) {
    const own = 49 + legendGap + 7.5 * Math.min(name.length, mostLetters);
    if (used > 0 && used + own > width) {
      lines++;
      used = 0;
    }
    used += own;
  }
  return lines;
}
