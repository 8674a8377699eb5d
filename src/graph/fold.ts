import type { GraphNode, Network } from './network.js';
import type { BoundOperator, Operator } from './operator.js';
import { view } from './ops/flatten.js';
import { sizeOf } from './shape.js';
import { sampleNode } from './wiring.js';

/**
 * A network as evaluations and predictions run it: each batch norm is folded into the convolution or dense layer before it, where that is
 * read by the batch norm alone. What is left of the batch norm is a view. Nodes keep their numbers, and parameters and state their places.
 * The same network where there is nothing to fold.
 */
export function foldNorms(network: Network): Network {
  const { nodes } = network;
  const readers = nodes.map(() => 0);
  for (const { inputs } of nodes) for (const from of inputs) if (from !== sampleNode) readers[from]!++;
  const folded = [...nodes];
  for (const [i, norm] of nodes.entries()) {
    const from = norm.inputs[0]!;
    const linear = nodes[from];
    if (norm.runningNorm === undefined || !linear?.isLinear || readers[from] !== 1) continue;
    folded[from] = { ...linear, ...withNorm(linear, norm, norm.runningNorm.epsilon) };
    folded[i] = {
      inputs: norm.inputs,
      isFrozen: norm.isFrozen,
      ...view(norm.label, norm.input, norm.output),
    };
  }
  return folded.some((node, i) => node !== nodes[i]) ? { ...network, nodes: folded } : network;
}

/** Values of a convolution or dense layer and of the batch norm behind it. */
export interface LinearAndNorm {
  /** `[out, ...]` */
  readonly weight: ArrayLike<number>;
  /** `[out]`, as all that follows. */
  readonly bias: ArrayLike<number>;
  readonly scale: ArrayLike<number>;
  readonly shift: ArrayLike<number>;
  readonly mean: ArrayLike<number>;
  readonly variance: ArrayLike<number>;
  readonly epsilon: number;
}

/** w' = w * scale / sqrt(variance + epsilon), b' = (b - mean) * scale / sqrt(variance + epsilon) + shift, in float64, rounded once. */
export function foldValues(
  { weight, bias, scale, shift, mean, variance, epsilon }: LinearAndNorm,
  toWeight: Float32Array,
  toBias: Float32Array,
): void {
  const terms = toWeight.length / toBias.length;
  for (let o = 0; o < toBias.length; o++) {
    const gain = scale[o]! / Math.sqrt(variance[o]! + epsilon);
    for (let i = o * terms; i < (o + 1) * terms; i++) toWeight[i] = weight[i]! * gain;
    toBias[o] = (bias[o]! - mean[o]!) * gain + shift[o]!;
  }
}

/** The layer with the batch norm in it. Its values lie where w and the batch norm's bias lie in a buffer of parameters. */
function withNorm(linear: GraphNode, norm: GraphNode, epsilon: number): Operator {
  const { shape } = linear.parameters[0]!;
  const [size, outputs] = [sizeOf(shape), shape[0]!];
  const own = linear.parameters.length;
  return {
    ...linear,
    label: `${linear.label} + ${norm.label}`,
    parameters: [...linear.parameters, ...norm.parameters],
    state: norm.state!,

    bind(kernels, at, context, words): BoundOperator {
      const [toWeight, toBias] = [at.folded + at.gradients[0]!, at.folded + at.gradients.at(-1)!];
      const bound = linear.bind(kernels, { ...at, parameters: [toWeight, toBias] }, context, words);
      const floats = (address: number, length = outputs) => new Float32Array(words.buffer, address, length);
      const [from, to] = [floats(at.parameters[0]!, size), floats(toWeight, size)];
      const bias = own > 1 ? floats(at.parameters[1]!) : new Float32Array(outputs);
      const [scale, shift] = at.parameters.slice(own).map((at) => floats(at)) as Pair;
      const [mean, variance] = at.state.map((at) => floats(at)) as Pair;
      const shifts = floats(toBias);
      return {
        ...bound,
        fold() {
          foldValues({ weight: from, bias, scale, shift, mean, variance, epsilon }, to, shifts);
        },
      };
    },
  };
}

type Pair = [Float32Array, Float32Array];
