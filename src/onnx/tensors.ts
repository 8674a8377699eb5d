import { foldValues } from '../graph/fold.js';
import type { Network } from '../graph/network.js';
import { sizeOf } from '../graph/shape.js';
import { readersOf, type WiredLayer } from '../graph/wiring.js';
import type { Weights } from '../runs/weights.js';
import type { FloatTensor } from './graph-builder.js';

/** A network's parameters and state by their names, such as `conv1.weight`. */
export type Tensors = ReadonlyMap<string, FloatTensor>;

export const tensorsOf = (network: Network, weights: Weights): Tensors =>
  new Map(
    network.weights.map(({ name, shape }, i) => [name, { shape, values: Float32Array.from(weights[i]!) }]),
  );

export interface Folded {
  readonly tensors: Tensors;
  /** Names of the batch norms that are folded: nothing is left of them. */
  readonly norms: ReadonlySet<string>;
}

/** Folds each batch norm into the convolution or dense layer before it, where it alone reads that: as evaluations do, to the same bits. */
export function foldNorms(layers: readonly WiredLayer[], tensors: Tensors): Folded {
  const folded = new Map(tensors);
  const norms = new Set<string>();
  for (const { config: norm, inputs } of layers) {
    const linear = layers[inputs[0]!];
    if (norm.type !== 'batchNorm' || linear === undefined || readersOf(layers, linear.number).length > 1)
      continue;
    const { type, name } = linear.config;
    if (type !== 'conv2d' && type !== 'dense') continue;
    const of = (suffix: string) => tensors.get(`${norm.name}.${suffix}`)!.values;
    const weight = tensors.get(`${name}.weight`)!;
    const bias = tensors.get(`${name}.bias`)?.values ?? new Float32Array(weight.shape[0]!);
    const [toWeight, toBias] = [new Float32Array(sizeOf(weight.shape)), new Float32Array(bias.length)];
    const values = {
      weight: weight.values,
      bias,
      scale: of('weight'),
      shift: of('bias'),
      mean: of('running_mean'),
      variance: of('running_var'),
      epsilon: norm.epsilon,
    };
    foldValues(values, toWeight, toBias);
    folded.set(`${name}.weight`, { shape: weight.shape, values: toWeight });
    folded.set(`${name}.bias`, { shape: [bias.length], values: toBias });
    norms.add(norm.name);
  }
  return { tensors: folded, norms };
}
