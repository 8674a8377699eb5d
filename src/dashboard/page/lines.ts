import type { Curves } from '../curves.js';
import type { LiveState } from '../live-state.js';
import type { ShownRun } from './store.js';

/** Which lines there are, and how each looks: a run has a colour, a split has a dash. */

export interface Look {
  readonly color: string;
  readonly dash: 'solid' | 'dashed';
  readonly width: number;
  readonly symbol: 'circle' | 'diamond' | 'rect' | 'triangle';
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
  readonly train: Look;
  readonly validation: Look;
}

/** Of Okabe and Ito's colours, which colour-blind readers tell apart: two for the run alone, the others for more runs. */
const blue = '#0072B2';
const vermilion = '#D55E00';
const sky = '#56B4E9';
const others = ['#009E73', '#CC79A7', '#E69F00', sky, '#8C8C8C', blue] as const;
const symbols = ['rect', 'triangle', 'diamond', 'circle'] as const;

export const stepLook: Look = { color: sky, dash: 'solid', width: 1, symbol: 'circle' };

/** The training first, or, where there is none, the only run in the same colours; then runs in a colour each. */
export function subjectsOf(live: LiveState | null, shown: readonly ShownRun[]): Subject[] {
  const runs = shown.map(({ entry, curves }, i) => {
    const look = { color: others[i % others.length]!, width: 1.5, symbol: symbols[i % symbols.length]! };
    return {
      name: entry.folder,
      curves,
      train: { ...look, dash: 'solid' as const },
      validation: { ...look, dash: 'dashed' as const },
    };
  });
  const main = {
    train: { color: blue, dash: 'solid', width: 2, symbol: 'circle' },
    validation: { color: vermilion, dash: 'dashed', width: 2, symbol: 'diamond' },
  } as const;
  if (live !== null) return [{ name: 'this run', curves: live.curves, ...main }, ...runs];
  return runs.length === 1 ? [{ ...runs[0]!, ...main }] : runs;
}

/** A line for train and one for validation of each. */
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

/** A line for each. */
export const single = (subjects: readonly Subject[], figure: 'imagesPerSecond' | 'learningRate'): Line[] =>
  subjects.map(({ name, curves, train }) => ({ ...train, name, x: curves.epoch, y: curves[figure] }));
