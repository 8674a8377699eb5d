import type { Initializer } from '../config/schema.js';
import type { Parameter } from '../graph/network.js';
import { type Shape, sizeOf } from '../graph/shape.js';
import { hash, mix, normalQuantile, Purpose, uniform } from '../numerics/random.js';

/** Either N(mean, deviation) or U(low, high). */
type Distribution = { mean: number; deviation: number } | { low: number; high: number };

const zeroMean = (deviation: number): Distribution => ({ mean: 0, deviation });
const zeroDeviation = (value: number): Distribution => ({ mean: value, deviation: 0 });
const within = (bound: number): Distribution => ({ low: -bound, high: bound });

/** Glorot and Bengio 2010 (Xavier), He et al. 2015, LeCun et al. 1998; the last two are the report's own. */
function distribution(init: Initializer, p: Parameter, input: Shape): Distribution {
  switch (init.type) {
    case 'zeros':
      return zeroDeviation(0);
    case 'constant':
      return zeroDeviation(init.value);
    case 'uniform':
      return { low: init.low, high: init.high };
    case 'normal':
      return { mean: init.mean, deviation: init.deviation };
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
  const d = distribution(p.init, p, input);
  for (let i = 0; i < p.size; i++) {
    const u = uniform(mix(key, i));
    values[i] =
      'low' in d
        ? d.low + (d.high - d.low) * u
        : d.mean + d.deviation * (d.deviation === 0 ? 0 : normalQuantile(u));
  }
}
