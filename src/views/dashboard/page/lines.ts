import { type Look as CurveLook, hues } from '../../charts/theme.js';
import type { Curves } from '../curves.js';
import type { LiveState } from '../live-state.js';
import type { ShownRun } from './store.js';

/** The lines of the charts and their styles: a run has a colour, a split has a dash pattern. */

export interface Look extends CurveLook {
  readonly width: number;
}

export interface Line extends Look {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/** A run whose curves are drawn. */
export interface Subject {
  readonly name: string;
  readonly curves: Curves;
  /** `trainLossExtras` */
  readonly trainLossWith: readonly string[];
  readonly train: Look;
  readonly validation: Look;
}

/** Styles of the run's own lines, of other runs' lines, and of single steps. */
export interface Looks {
  readonly train: Look;
  readonly validation: Look;
  readonly others: readonly Pick<Look, 'color' | 'symbol'>[];
  /** Drawn faintly, below the run's other lines. */
  readonly steps: Look;
}

const symbols = ['rect', 'triangle', 'diamond', 'circle'] as const;

/** The theme's colours on the page's background. */
export function looksOf(isDark: boolean): Looks {
  const [blue, vermilion, ...rest] = hues.map((hue) => hue[isDark ? 'dark' : 'light']) as [
    string,
    string,
    ...string[],
  ];
  const colors = [...rest, blue];
  return {
    train: { color: blue, dash: 'solid', width: 2, symbol: 'circle' },
    validation: { color: vermilion, dash: 'dashed', width: 2, symbol: 'diamond' },
    others: colors.map((color, i) => ({ color, symbol: symbols[i % symbols.length]! })),
    steps: { color: isDark ? '#79828b' : '#8a9199', dash: 'solid', width: 1, symbol: 'circle' },
  };
}

/** The training comes first; without one, a single run gets its colours. Other runs have a colour each. */
export function subjectsOf(
  live: LiveState | null,
  shown: readonly ShownRun[],
  { train, validation, others }: Looks,
): Subject[] {
  const runs = shown.map(({ entry, curves }, i) => {
    const look = { ...others[i % others.length]!, width: 1.5 };
    return {
      name: entry.folder,
      curves,
      trainLossWith: entry.trainLossWith,
      train: { ...look, dash: 'solid' as const },
      validation: { ...look, dash: 'dashed' as const },
    };
  });
  const main = { train, validation };
  if (live !== null)
    return [
      { name: 'this run', curves: live.curves, trainLossWith: live.start?.trainLossWith ?? [], ...main },
      ...runs,
    ];
  return runs.length === 1 ? [{ ...runs[0]!, ...main }] : runs;
}

/** Two lines for each run: train and validation. */
export const bothSplits = (
  subjects: readonly Subject[],
  train: 'trainLoss' | 'trainTop1',
  validation: 'validationLoss' | 'validationTop1',
  scale: number,
): Line[] =>
  subjects.flatMap(({ name, curves, ...looks }) => [
    { ...looks.train, name: `${name}, train`, x: curves.epoch, y: scaled(curves[train], scale) },
    {
      ...looks.validation,
      name: `${name}, validation`,
      x: curves.epoch,
      y: scaled(curves[validation], scale),
    },
  ]);

const scaled = (values: readonly number[], scale: number) =>
  scale === 1 ? values : values.map((value) => value * scale);

/** One line for each run. */
export const single = (subjects: readonly Subject[], figure: 'imagesPerSecond' | 'learningRate'): Line[] =>
  subjects.map(({ name, curves, train }) => ({ ...train, name, x: curves.epoch, y: curves[figure] }));
