import type { EpochMetrics } from '../../runs/metrics.js';

/** The curves of a run's epochs, one list per figure, one entry per epoch. Server and page share this module. */

const figures = {
  epoch: ({ epoch }) => epoch,
  trainLoss: ({ train }) => train.loss,
  validationLoss: ({ validation }) => validation.loss,
  trainTop1: ({ train }) => train.top1,
  validationTop1: ({ validation }) => validation.top1,
  learningRate: ({ learningRate }) => learningRate,
  imagesPerSecond: ({ imagesPerSecond }) => imagesPerSecond,
  seconds: ({ seconds }) => seconds,
} as const satisfies Record<string, (epoch: EpochMetrics) => number>;

type Figure = keyof typeof figures;
/** Losses in nats per sample, top-1 as fractions of 1. */
export type Curves = Readonly<Record<Figure, number[]>>;

const names = Object.keys(figures) as Figure[];

export const emptyCurves = (): Curves =>
  Object.fromEntries(names.map((name) => [name, []])) as unknown as Curves;

export function addEpoch(curves: Curves, epoch: EpochMetrics): void {
  for (const name of names) curves[name].push(figures[name](epoch));
}

export function curvesOf(epochs: readonly EpochMetrics[]): Curves {
  const curves = emptyCurves();
  for (const epoch of epochs) addEpoch(curves, epoch);
  return curves;
}
