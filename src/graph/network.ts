import { type ActivationType, activations } from '../config/activations.js';
import type { ResolvedActivation, ResolvedLayer, ResolvedPool, ResolvedZeroPad } from '../config/resolve.js';
import { ExitCode, UserError } from '../errors.js';
import type { Layer, ParameterSpec } from './layer.js';
import { activation } from './ops/activation.js';
import { conv2d } from './ops/conv2d.js';
import { dense } from './ops/dense.js';
import { dropout } from './ops/dropout.js';
import { flatten } from './ops/flatten.js';
import { pool } from './ops/pool.js';
import { pooledConv2d } from './ops/pooled-conv2d.js';
import { zeroPad } from './ops/zero-pad.js';
import { type Shape, showShape, sizeOf } from './shape.js';

type LayerType = ResolvedLayer['type'];
type Factory<T extends LayerType> = (
  config: Extract<ResolvedLayer, { type: T }>,
  input: Shape,
  index: number,
) => Layer;

const factories: { readonly [T in Exclude<LayerType, ActivationType>]: Factory<T> } = {
  conv2d,
  dense,
  maxPool: pool,
  averagePool: pool,
  zeroPad,
  flatten,
  dropout,
};

function buildLayer(config: ResolvedLayer, input: Shape, index: number): Layer {
  if (config.type in activations) return activation(config as ResolvedActivation, input);
  return (factories[config.type as keyof typeof factories] as Factory<LayerType>)(config, input, index);
}

/** The layers from `index` on that are one for the machine, if there are such: how many, and that one. */
function joinLayers(
  layers: readonly ResolvedLayer[],
  index: number,
  input: Shape,
): { count: number; layer: Layer } | undefined {
  const conv = layers[index]!;
  if (conv.type !== 'conv2d') return undefined;
  let next = index + 1;
  const take = (fits: (type: LayerType) => boolean): ResolvedLayer | undefined => {
    const layer = layers[next];
    if (layer === undefined || !fits(layer.type)) return undefined;
    next++;
    return layer;
  };
  const act = take((type) => type in activations) as ResolvedActivation | undefined;
  const pad = take((type) => type === 'zeroPad') as ResolvedZeroPad | undefined;
  const pool = take((type) => type === 'maxPool') as ResolvedPool | undefined;
  if (pool === undefined) return undefined;
  const layer = pooledConv2d({ conv, activation: act, pad, pool }, input, index);
  return layer && { count: next - index, layer };
}

/** The config's layers, each by itself as it was written, where a network joins some. @throws UserError where one does not fit its input */
export function configLayers(layers: readonly ResolvedLayer[], input: Shape): Layer[] {
  let shape = input;
  return layers.map((config, index) => {
    const layer = buildLayer(config, shape, index);
    shape = layer.output;
    return layer;
  });
}

/** A parameter and its place in a parameter buffer. */
export interface Parameter extends ParameterSpec {
  /** Float32 index in a buffer of parameters, of gradients or of an optimizer's slot: all are laid out alike. */
  readonly offset: number;
  readonly size: number;
}

/** A network: layers one after the other, from a sample to logits. */
export interface Network {
  readonly input: Shape;
  readonly classes: number;
  readonly layers: readonly Layer[];
  readonly parameters: readonly Parameter[];
  /** Trainable values. */
  readonly parameterCount: number;
  /** Length of a parameter buffer in float32: each parameter starts at a multiple of 16, gaps stay 0. */
  readonly bufferLength: number;
}

/**
 * @param layers of a resolved config
 * @param input a sample's shape
 * @throws UserError where a layer does not fit its input, or the last one gives no logits
 */
export function buildNetwork(layers: readonly ResolvedLayer[], input: Shape): Network {
  const built: Layer[] = [];
  let shape = input;
  for (let index = 0; index < layers.length; ) {
    const joined = joinLayers(layers, index, shape);
    const layer = joined?.layer ?? buildLayer(layers[index]!, shape, index);
    built.push(layer);
    shape = layer.output;
    index += joined?.count ?? 1;
  }
  if (shape.length !== 1) {
    throw new UserError(
      `the last layer gives ${showShape(shape)} values; end with a dense layer, an output for each class`,
      ExitCode.usage,
    );
  }
  const parameters: Parameter[] = [];
  let offset = 0;
  for (const spec of built.flatMap((layer) => layer.parameters)) {
    const size = sizeOf(spec.shape);
    parameters.push({ ...spec, offset, size });
    offset += Math.ceil(size / 16) * 16;
  }
  if (parameters.length === 0)
    throw new UserError('the network has no layer to train; add a dense layer', ExitCode.usage);
  return {
    input,
    classes: shape[0]!,
    layers: built,
    parameters,
    parameterCount: parameters.reduce((sum, p) => sum + p.size, 0),
    bufferLength: offset,
  };
}

/** @throws UserError (exit code usage) unless the network of these layers has an output for each of the dataset's classes */
export function requireClasses(network: Network, layers: readonly ResolvedLayer[], classes: number): void {
  if (network.classes === classes) return;
  const index = layers.findLastIndex(({ type }) => type === 'dense');
  const key = `model.layers[${index}].outFeatures`;
  const [where, advice] =
    index < 0
      ? ['', 'end with a dense layer whose outFeatures is "classes"']
      : [` (${key})`, `a new run takes their number with --set ${key.replace(/\[(\d+)\]/, '.$1')}=classes`];
  throw new UserError(
    `the last layer gives ${network.classes} values${where}, but the dataset has ${classes} ${classes === 1 ? 'class' : 'classes'}; ${advice}`,
    ExitCode.usage,
  );
}
