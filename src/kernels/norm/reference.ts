import { lanes } from '../kernels.js';
import { place, sum, tensor } from '../plain.js';

type Values = ArrayLike<number>;

/** The sum of `f` over a channel's positions and first `samples` lanes; `f` is given where a value lies. */
const overChannel = (channel: number, positions: number, samples: number, f: (at: number) => number) =>
  sum(positions, (p) => sum(samples, (lane) => f((channel * positions + p) * lanes + lane)));

/** Of each channel the sum of its values and that of their squares, added to `before`. */
export const channelSums = (
  x: Values,
  before: Values | undefined,
  [channels, positions, samples]: readonly [number, number, number],
) =>
  tensor([channels, 2], (c, power) => {
    const added = overChannel(c!, positions, samples, (i) => x[i]! ** (power! + 1));
    return (before?.[2 * c! + power!] ?? 0) + added;
  });

/** x * scale + shift, by channel. */
export const scaled = (x: Values, scale: Values, shift: Values, positions: number) =>
  tensor(
    [scale.length, positions * lanes],
    (c, i) => x[c! * positions * lanes + i!]! * scale[c!]! + shift[c!]!,
  );

/** Sums of dy * (x - mean) * inverse, and of dy. */
export const gradients = (dy: Values, x: Values, mean: Values, inverse: Values, positions: number) => ({
  scale: tensor([mean.length], (c) =>
    overChannel(c!, positions, lanes, (i) => dy[i]! * (x[i]! - mean[c!]!) * inverse[c!]!),
  ),
  shift: tensor([mean.length], (c) => overChannel(c!, positions, lanes, (i) => dy[i]!)),
});

/** ((dy - meanGradient) - (x - mean) * slope) * factor; 0 in the lanes from `samples` on. */
export const inputGradient = (
  dy: Values,
  x: Values,
  [mean, meanGradient, slope, factor]: readonly [Values, Values, Values, Values],
  positions: number,
  samples: number,
) =>
  tensor([mean.length, positions, lanes], (c, p, lane) => {
    const i = (c! * positions + p!) * lanes + lane!;
    const value = (dy[i]! - meanGradient[c!]! - (x[i]! - mean[c!]!) * slope[c!]!) * factor[c!]!;
    return lane! < samples ? value : 0;
  });

/** A group norm: a sample a lane, `[groups][channels][positions]` lane groups, its scale and shift `[groups][channels]`. */
export interface GroupNormCase {
  readonly groups: number;
  readonly channels: number;
  readonly positions: number;
}

/** The group's mean of `f` in each lane: `[groups][8]`. */
const groupMeans = ({ groups, channels, positions }: GroupNormCase, f: (at: number) => number) =>
  tensor(
    [groups, lanes],
    (g, lane) =>
      sum(channels * positions, (i) => f((g! * channels * positions + i) * lanes + lane!)) /
      (channels * positions),
  );

/** Mean and 1 / sqrt(variance + epsilon) of each group and lane. */
export const groupStatistics = (x: Values, of: GroupNormCase, epsilon: number) => {
  const size = of.channels * of.positions;
  const mean = groupMeans(of, (i) => x[i]!);
  const meanAt = (i: number) => mean[Math.floor(i / (size * lanes)) * lanes + (i % lanes)]!;
  const variance = groupMeans(of, (i) => (x[i]! - meanAt(i)) ** 2);
  return { mean, inverse: variance.map((v) => 1 / Math.sqrt(v + epsilon)) };
};

/** y, the gradients of scale and shift, and dx, from statistics as they are given. */
export const groupNorm = (
  of: GroupNormCase,
  [x, mean, inverse, scale, shift, dy]: readonly [Values, Values, Values, Values, Values, Values],
) => {
  const { groups, channels, positions } = of;
  const shape = [groups, channels, positions, lanes];
  const at = (...index: number[]) => place(shape, ...index);
  const groupOf = (i: number) => Math.floor(i / (channels * positions * lanes)) * lanes + (i % lanes);
  const channelOf = (i: number) => Math.floor(i / (positions * lanes));
  const normal = (i: number) => (x[i]! - mean[groupOf(i)]!) * inverse[groupOf(i)]!;
  const slope = (i: number) => dy[i]! * scale[channelOf(i)]!;
  const a = groupMeans(of, slope);
  const b = groupMeans(of, (i) => slope(i) * normal(i));
  const overChannels = (f: (i: number) => number) =>
    tensor([groups, channels], (g, c) => sum(positions * lanes, (i) => f(at(g!, c!, 0, 0) + i)));
  const each = (f: (i: number) => number) => Float64Array.from({ length: x.length }, (_, i) => f(i));
  return {
    y: each((i) => normal(i) * scale[channelOf(i)]! + shift[channelOf(i)]!),
    scale: overChannels((i) => dy[i]! * normal(i)),
    shift: overChannels((i) => dy[i]!),
    dx: each((i) => (slope(i) - a[groupOf(i)]! - normal(i) * b[groupOf(i)]!) * inverse[groupOf(i)]!),
  };
};
