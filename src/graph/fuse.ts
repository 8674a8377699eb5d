import { activations } from '../config/activations.js';
import type {
  ResolvedActivation,
  ResolvedConv2d,
  ResolvedLayer,
  ResolvedPool,
  ResolvedZeroPad,
} from '../config/resolved.js';
import type { Operator } from './operator.js';
import { pooledConv2d } from './ops/pooled-conv2d.js';
import type { Shape } from './shape.js';
import { readersOf, type WiredLayer } from './wiring.js';

/** Several layers as one fused operator: the values and gradients of one after the other, for less work. */
export interface Fused {
  /** Of the config's layers. */
  readonly count: number;
  readonly operator: Operator;
}

/** The layers from `index` on as one operator, if there is one for them: convolution, activation, zero-pad and max-pool in a chain. */
export function fuse(layers: readonly WiredLayer[], index: number, input: Shape): Fused | undefined {
  const first = layers[index]!;
  if (first.config.type !== 'conv2d') return undefined;
  const conv: ResolvedConv2d = first.config;
  let next = index + 1;
  const take = (fits: (type: ResolvedLayer['type']) => boolean): ResolvedLayer | undefined => {
    const layer = layers[next]?.config;
    if (layer === undefined || !fits(layer.type) || !isChained(layers, next)) return undefined;
    next++;
    return layer;
  };
  const activation = take((type) => type in activations) as ResolvedActivation | undefined;
  const pad = take((type) => type === 'zeroPad') as ResolvedZeroPad | undefined;
  const pool = take((type) => type === 'maxPool') as ResolvedPool | undefined;
  if (pool === undefined) return undefined;
  const operator = pooledConv2d({ conv, activation, pad, pool }, input, first);
  return operator && { count: next - index, operator };
}

/** Whether a layer reads the one before, and is alone in that. */
const isChained = (layers: readonly WiredLayer[], layer: number): boolean =>
  layers[layer]!.inputs.join() === String(layer - 1) && readersOf(layers, layer - 1).length === 1;
