import { lanes } from '../kernels.js';
import { sum, tensor } from '../plain.js';

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
