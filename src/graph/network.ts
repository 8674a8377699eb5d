import { type ActivationType, activations } from '../config/activations.js';
import { layerMatcher } from '../config/layer-patterns.js';
import type { ResolvedActivation, ResolvedLayer, ResolvedResidual } from '../config/resolved.js';
import { ExitCode, UserError } from '../errors.js';
import { fuse } from './fuse.js';
import { isFilter, type Operator, type ParameterSpec, type StateSpec } from './operator.js';
import { activation } from './ops/activation.js';
import { add } from './ops/add.js';
import { batchNorm } from './ops/batch-norm.js';
import { concat } from './ops/concat.js';
import { conv2d } from './ops/conv2d.js';
import { custom } from './ops/custom.js';
import { dense } from './ops/dense.js';
import { dropout } from './ops/dropout.js';
import { flatten } from './ops/flatten.js';
import { frozenBatchNorm } from './ops/frozen-batch-norm.js';
import { groupNorm, layerNorm } from './ops/group-norm.js';
import { globalAveragePool, pool } from './ops/pool.js';
import { prelu } from './ops/prelu.js';
import { zeroPad } from './ops/zero-pad.js';
import { type Shape, showShape, sizeOf } from './shape.js';
import { type LayerPlace, sampleNode, type WiredLayer, wireLayers } from './wiring.js';

type LayerType = ResolvedLayer['type'];
/** @param input shape of the layer's first input; `inputs` of all */
type Factory<T extends LayerType> = (
  config: Extract<ResolvedLayer, { type: T }>,
  input: Shape,
  place: LayerPlace,
  inputs: readonly Shape[],
) => Operator;

const factories: { readonly [T in Exclude<LayerType, ActivationType>]: Factory<T> } = {
  conv2d,
  dense,
  maxPool: pool,
  averagePool: pool,
  globalAveragePool,
  zeroPad,
  flatten,
  dropout,
  prelu,
  batchNorm,
  groupNorm,
  layerNorm,
  add,
  concat,
  custom,
  residual: add,
};

function operatorOf(layer: WiredLayer, inputs: readonly Shape[]): Operator {
  try {
    return makeOperator(layer, inputs);
  } catch (error) {
    if (!(error instanceof UserError) || error.path !== undefined) throw error;
    throw new UserError(error.message, error.exitCode, { cause: error, path: layer.key });
  }
}

function makeOperator(layer: WiredLayer, inputs: readonly Shape[]): Operator {
  const { config, key } = layer;
  if (config.type === 'residual') requireOneShape(config, key, inputs as [Shape, Shape]);
  else requireInputs(layer, inputs);
  const input = inputs[0]!;
  if (config.type in activations) return activation(config as ResolvedActivation, input);
  return (factories[config.type as keyof typeof factories] as Factory<LayerType>)(
    config,
    input,
    layer,
    inputs,
  );
}

/** @throws UserError where a layer reads more or fewer than it can, or different shapes */
function requireInputs({ config, key }: WiredLayer, inputs: readonly Shape[]): void {
  const { type } = config;
  const takesSeveral = type === 'add' || type === 'concat';
  if (type === 'custom') return;
  if (takesSeveral ? inputs.length < 2 : inputs.length !== 1) {
    const expected = takesSeveral ? 'two inputs or more' : 'one input';
    throw new UserError(`${key}.inputs: found ${inputs.length}; ${type} takes ${expected}`, ExitCode.usage, {
      path: `${key}.inputs`,
    });
  }
  if (type === 'concat') return;
  const other = inputs.find((shape) => shape.join() !== inputs[0]!.join());
  if (other === undefined) return;
  throw new UserError(
    `${key}.inputs: found ${inputs.map(showShape).join(' and ')} values; ${type} takes inputs of one shape`,
    ExitCode.usage,
    { path: `${key}.inputs` },
  );
}

/** @throws UserError where a convolution is to be made from the images' patches and cannot */
function requireWhitening({ config, key, inputs }: WiredLayer, input: Shape): void {
  if (config.type !== 'conv2d' || config.weightInit.type !== 'whitening') return;
  const refuse = (path: string, message: string) =>
    new UserError(`${key}.${path}: ${message}`, ExitCode.usage, { path: `${key}.${path}` });
  if (inputs[0] !== sampleNode)
    throw refuse('weightInit', 'whitening is made from the images; expected a layer that reads "input"');
  if (config.groups !== 1 || Math.max(...config.dilation) !== 1)
    throw refuse('weightInit', 'whitening needs a convolution without groups and dilation');
  const values = input[0]! * config.kernelSize[0] * config.kernelSize[1];
  if (config.outChannels === 2 * values) return;
  throw refuse(
    'outChannels',
    `found ${config.outChannels}; whitening needs ${2 * values}, twice the ${values} values of a patch`,
  );
}

/** @throws UserError where the body of a block gives another shape than what it is added to */
function requireOneShape({ shortcut }: ResolvedResidual, key: string, [body, beside]: [Shape, Shape]): void {
  if (body.join() === beside.join()) return;
  const [what, advice] =
    shortcut === undefined
      ? ['input has', 'give it a shortcut whose layers make them alike']
      : ['shortcut gives', 'make them alike'];
  throw new UserError(
    `${key}: its body gives ${showShape(body)} values, but its ${what} ${showShape(beside)}, and they are added; ${advice}`,
    ExitCode.usage,
    { path: key },
  );
}

/** A config's layer with its operator. */
export interface ConfigLayer extends WiredLayer {
  readonly operator: Operator;
}

/** All layers of a config, each by itself as it was written, where a network fuses some. @throws UserError where one does not fit its input */
export function configLayers(layers: readonly ResolvedLayer[], input: Shape): ConfigLayer[] {
  const built: ConfigLayer[] = [];
  for (const layer of wireLayers(layers)) {
    const shapes = layer.inputs.map((from) => (from === sampleNode ? input : built[from]!.operator.output));
    built.push({ ...layer, operator: operatorOf(layer, shapes) });
  }
  return built;
}

/** A parameter and its place in a parameter buffer. */
export interface Parameter extends ParameterSpec {
  readonly kind: 'parameter';
  /** Whether it is not trained: it has no gradient, which stays 0. */
  readonly isFrozen: boolean;
  /** Float32 index in a buffer of parameters, of gradients or of an optimizer's slot: all are laid out alike. */
  readonly offset: number;
  readonly size: number;
}

/** The name of a parameter's layer. */
export const layerOf = ({ name }: Pick<Parameter, 'name'>): string => name.slice(0, name.lastIndexOf('.'));

/** A tensor of state and its place, float32 index in the buffer of state. */
export interface StateTensor extends StateSpec {
  readonly kind: 'state';
  readonly offset: number;
  readonly size: number;
}

/** An operator and the numbers of the nodes that it reads, all of them earlier; `sampleNode` for the network's input. */
export interface GraphNode extends Operator {
  readonly inputs: readonly number[];
  /** Whether its parameters are not trained. */
  readonly isFrozen: boolean;
}

/** A network: from a sample to logits, which the last node gives. */
export interface Network {
  readonly input: Shape;
  readonly classes: number;
  readonly nodes: readonly GraphNode[];
  readonly parameters: readonly Parameter[];
  readonly state: readonly StateTensor[];
  /** What a file of weights holds: the parameters, then the state. */
  readonly weights: readonly (Parameter | StateTensor)[];
  /** Values of the parameters, frozen ones included. */
  readonly parameterCount: number;
  /** Length of a parameter buffer in float32: each parameter starts at a multiple of 16, gaps stay 0. */
  readonly bufferLength: number;
  /** Length of the buffer of state, likewise. */
  readonly stateLength: number;
}

/**
 * @param layers of a resolved config
 * @param input a sample's shape
 * @param freeze patterns of the layers that are not trained
 * @throws UserError where a layer does not fit its input, or the last one gives no logits
 */
export function buildNetwork(
  layers: readonly ResolvedLayer[],
  input: Shape,
  freeze: readonly string[] = [],
): Network {
  const nodes = nodesOf(wireLayers(layers), input, layerMatcher(freeze));
  const { output } = nodes.at(-1)!;
  if (output.length !== 1) {
    throw new UserError(
      `the last layer gives ${showShape(output)} values; end with a dense layer, an output for each class`,
      ExitCode.usage,
    );
  }
  const parameters = laidOut(
    'parameter',
    nodes.flatMap(({ parameters, isFrozen }) => parameters.map((p) => ({ ...p, isFrozen }))),
  );
  // A batch norm alone has parameters, but no filters to show and no classes to tell apart.
  if (!parameters.tensors.some((p) => isFilter(p) || p.isCustom))
    throw new UserError('the network has no layer to train; add a dense layer', ExitCode.usage);
  const state = laidOut(
    'state',
    nodes.flatMap((node) => node.state ?? []),
  );
  return {
    input,
    classes: output[0]!,
    nodes,
    parameters: parameters.tensors,
    state: state.tensors,
    weights: [...parameters.tensors, ...state.tensors],
    parameterCount: parameters.tensors.reduce((sum, p) => sum + p.size, 0),
    bufferLength: parameters.length,
    stateLength: state.length,
  };
}

/** The layers as nodes, those that can be fused as one. */
function nodesOf(
  layers: readonly WiredLayer[],
  input: Shape,
  isFrozenLayer: (name: string) => boolean,
): GraphNode[] {
  const nodes: GraphNode[] = [];
  /** Of each layer, the node that gives its output. */
  const nodeOf = new Map([[sampleNode, sampleNode]]);
  for (let index = 0; index < layers.length; ) {
    const inputs = layers[index]!.inputs.map((from) => nodeOf.get(from)!);
    const shapes = inputs.map((from) => (from === sampleNode ? input : nodes[from]!.output));
    requireWhitening(layers[index]!, shapes[0]!);
    const fused = inputs.length === 1 ? fuse(layers, index, shapes[0]!) : undefined;
    const { config } = layers[index]!;
    // Of layers that are fused the first has the parameters.
    const isFrozen = isFrozenLayer(config.name ?? '');
    const operator =
      fused?.operator ??
      (config.type === 'batchNorm' && isFrozen
        ? frozenBatchNorm(config, shapes[0]!)
        : operatorOf(layers[index]!, shapes));
    index += fused?.count ?? 1;
    nodeOf.set(index - 1, nodes.length);
    nodes.push({ ...operator, inputs, isFrozen });
  }
  return nodes;
}

function laidOut<K extends string, T extends { readonly shape: Shape }>(kind: K, specs: readonly T[]) {
  let length = 0;
  const tensors = specs.map((spec) => {
    const size = sizeOf(spec.shape);
    const offset = length;
    length += Math.ceil(size / 16) * 16;
    return { ...spec, kind, offset, size };
  });
  return { tensors, length };
}

/** @throws UserError (exit code usage) unless the network of these layers has an output for each of the dataset's classes */
export function requireClasses(network: Network, layers: readonly ResolvedLayer[], classes: number): void {
  if (network.classes === classes) return;
  const last = wireLayers(layers).findLast(({ config }) => config.type === 'dense');
  const key = `${last?.key}.outFeatures`;
  const [where, advice] =
    last === undefined
      ? ['', 'end with a dense layer whose outFeatures is "classes"']
      : [
          ` (${key})`,
          `with outFeatures "classes" a new run takes their number (--set ${key.replace(/\[(\d+)\]/g, '.$1')}=classes)`,
        ];
  throw new UserError(
    `the last layer gives ${network.classes} values${where}, but the dataset has ${classes} ${classes === 1 ? 'class' : 'classes'}; ${advice}`,
    ExitCode.usage,
    { path: last && key },
  );
}

/**
 * Of one value there is no variance: PyTorch refuses it too.
 * @param samples of the training split
 * @throws UserError (exit code usage) where a mini-batch, the epoch's last one included, leaves a batch norm a single value a channel
 */
export function requireBatchStatistics({ nodes }: Network, samples: number, batchSize: number): void {
  const last = samples % batchSize || Math.min(samples, batchSize);
  if (last !== 1) return;
  const node = nodes.find(({ batchStatistics, input }) => batchStatistics && sizeOf(input) === input[0]);
  if (node === undefined) return;
  const which = batchSize === 1 ? 'each mini-batch' : "an epoch's last mini-batch";
  throw new UserError(
    `training.batchSize: of ${samples} training samples at ${batchSize} a mini-batch, ${which} has one, and ${node.label} normalizes ` +
      'by the mean and variance over several; choose another batchSize',
    ExitCode.usage,
    { path: 'training.batchSize' },
  );
}
