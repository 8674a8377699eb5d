import type { Initializer } from '../config/schema.js';
import type { Parameter } from '../graph/network.js';
import { type Shape, sizeOf } from '../graph/shape.js';
import { hash, mix, normalBelow, normalQuantile, Purpose, uniform } from '../numerics/random.js';
import { orthogonalize } from './orthogonal.js';

/** N(mean, deviation), or what of it lies within bounds, in deviations from the mean; or U(low, high). */
type Distribution =
  | { mean: number; deviation: number }
  | {
      mean: number;
      deviation: number;
      bounds: readonly [number, number];
      /** What of a normal distribution lies below each. */
      below: readonly [number, number];
    }
  | { low: number; high: number };
/** The initializers that draw each value by itself. */
type Drawn = Exclude<Initializer, { type: 'orthogonal' | 'dirac' | 'whitening' }>;

const zeroMean = (deviation: number): Distribution => ({ mean: 0, deviation });
const zeroDeviation = (value: number): Distribution => ({ mean: value, deviation: 0 });
const within = (bound: number): Distribution => ({ low: -bound, high: bound });

/** Glorot and Bengio 2010 (Xavier), He et al. 2015, LeCun et al. 1998; the last two are the report's own. */
function distribution(init: Drawn, p: Parameter, input: Shape): Distribution {
  switch (init.type) {
    case 'zeros':
      return zeroDeviation(0);
    case 'constant':
      return zeroDeviation(init.value);
    case 'uniform':
      return { low: init.low, high: init.high };
    case 'normal':
      return { mean: init.mean, deviation: init.deviation };
    case 'truncatedNormal': {
      const { mean, deviation, low, high } = init;
      return { mean, deviation, bounds: [low, high], below: [normalBelow(low), normalBelow(high)] };
    }
    case 'xavierUniform':
      return within(init.gain * Math.sqrt(6 / (p.fanIn + p.fanOut)));
    case 'xavierNormal':
      return zeroMean(init.gain * Math.sqrt(2 / (p.fanIn + p.fanOut)));
    case 'heUniform':
      return within(init.gain * Math.sqrt(6 / p.fanIn));
    case 'heNormal':
      return zeroMean(init.gain * Math.sqrt(2 / p.fanIn));
    case 'lecunUniform':
      return within(init.gain * Math.sqrt(3 / p.fanIn));
    case 'lecunNormal':
      return zeroMean(init.gain * Math.sqrt(1 / p.fanIn));
    case 'channelNormal':
      return zeroMean(init.gain * Math.sqrt(2 / p.channels));
    case 'inputUniform':
      return within(init.gain / Math.sqrt(sizeOf(input)));
  }
}

/**
 * Fill a parameter with its initial values: each a function of (seed, the parameter's place in the network, its index).
 * @param values `[size]`
 * @param index the parameter's number in the network
 * @param input the network's input shape
 */
export function initialize(
  values: Float32Array,
  p: Parameter,
  index: number,
  seed: number,
  input: Shape,
): void {
  const key = hash(seed, Purpose.parameters, index);
  const { init } = p;
  if (init.type === 'whitening') throw new Error('whitening is made from images: see whiten');
  if (init.type === 'orthogonal') orthogonal(values, p, init.gain, key);
  else if (init.type === 'dirac') {
    initialize(values, { ...p, init: init.others }, index, seed, input);
    dirac(values, p, init.groups);
  } else {
    const d = distribution(init, p, input);
    for (let i = 0; i < p.size; i++) values[i] = drawn(d, uniform(mix(key, i)));
  }
}

function drawn(d: Distribution, u: number): number {
  if ('bounds' in d) {
    const [low, high] = d.below;
    const inside = normalQuantile(low + (high - low) * u);
    return d.mean + d.deviation * Math.min(Math.max(inside, d.bounds[0]), d.bounds[1]);
  }
  if ('low' in d) return d.low + (d.high - d.low) * u;
  return d.mean + d.deviation * (d.deviation === 0 ? 0 : normalQuantile(u));
}

/** Of normal values: a row for each output, a column for each of its inputs. */
function orthogonal(values: Float32Array, { shape, size }: Parameter, gain: number, key: number): void {
  const matrix = Float64Array.from({ length: size }, (_, i) => normalQuantile(uniform(mix(key, i))));
  orthogonalize(matrix, shape[0]!, size / shape[0]!);
  for (let i = 0; i < size; i++) values[i] = gain * matrix[i]!;
}

/** In each group of outputs the first ones pass a channel on, at the kernel's middle, as PyTorch's dirac_; the others stay as they are. */
function dirac(values: Float32Array, { shape }: Parameter, groups: number): void {
  const [outputs, channels, height, width] = shape as [number, number, number, number];
  const perGroup = outputs / groups;
  for (let o = 0; o < outputs; o++) {
    const c = o % perGroup;
    if (c >= channels) continue;
    values.fill(0, o * channels * height * width, (o + 1) * channels * height * width);
    values[((o * channels + c) * height + (height >> 1)) * width + (width >> 1)] = 1;
  }
}
