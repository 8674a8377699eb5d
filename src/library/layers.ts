import type {
  BatchNormLayer,
  Conv2dLayer,
  DenseLayer,
  FlattenLayer,
  GroupNormLayer,
  LayerInput,
  LayerNormLayer,
  PoolLayer,
  PreluLayer,
  ZeroPadLayer,
} from '../config/input.js';
import { configsOf, type Layer, layer, type Node } from './graph.js';

/**
 * The layers of a config as functions: `conv2d(32, 5, { padding: 2 })` is `{ "type": "conv2d", "outChannels": 32, "kernelSize": 5, "padding": 2 }`.
 * Options and their defaults are the config's: see docs/config.md.
 */

type Size = number | [height: number, width: number];
type Place = Pick<FlattenLayer, 'name'>;

export interface Conv2dOptions extends Omit<Conv2dLayer, 'type' | 'inputs' | 'outChannels' | 'kernelSize'> {}
export interface DenseOptions extends Omit<DenseLayer, 'type' | 'inputs' | 'outFeatures'> {}
export interface PoolOptions extends Omit<PoolLayer, 'type' | 'inputs' | 'window'> {}
export interface BatchNormOptions extends Omit<BatchNormLayer, 'type' | 'inputs'> {}
export interface GroupNormOptions extends Omit<GroupNormLayer, 'type' | 'inputs' | 'groups'> {}
export interface LayerNormOptions extends Omit<LayerNormLayer, 'type' | 'inputs'> {}
export interface PReluOptions extends Omit<PreluLayer, 'type' | 'inputs'> {}
export interface ZeroPadOptions extends Omit<ZeroPadLayer, 'type' | 'inputs'> {}

/** Convolution (cross-correlation, as in PyTorch), from `[channels, height, width]` to `[outChannels, ...]`. */
export const conv2d = (outChannels: number, kernelSize: Size, options: Conv2dOptions = {}): Layer =>
  layer({ type: 'conv2d', outChannels, kernelSize, ...options });

/** Fully connected layer, from a vector; `'classes'`: as wide as the dataset has classes, as the last layer must be. */
export const dense = (outFeatures: number | 'classes', options: DenseOptions = {}): Layer =>
  layer({ type: 'dense', outFeatures, ...options });

/** The largest value of each window; the stride is the window, unless it is given. */
export const maxPool = (window: Size, options: PoolOptions = {}): Layer =>
  layer({ type: 'maxPool', window, ...options });

/** The mean of each window. */
export const averagePool = (window: Size, options: PoolOptions = {}): Layer =>
  layer({ type: 'averagePool', window, ...options });

/** The mean of each channel: from `[channels, height, width]` to a vector of the channels. */
export const globalAveragePool = (options: Place = {}): Layer =>
  layer({ type: 'globalAveragePool', ...options });

/** Rows and columns of zeros around the image. */
export const zeroPad = (options: ZeroPadOptions): Layer => layer({ type: 'zeroPad', ...options });

/** From `[channels, height, width]` to a vector, in this order. */
export const flatten = (options: Place = {}): Layer => layer({ type: 'flatten', ...options });

export const relu = (options: Place = {}): Layer => layer({ type: 'relu', ...options });
export const relu6 = (options: Place = {}): Layer => layer({ type: 'relu6', ...options });
/** x * sigmoid(x) */
export const silu = (options: Place = {}): Layer => layer({ type: 'silu', ...options });
/** x * Phi(x), with the normal distribution itself. */
export const gelu = (options: Place = {}): Layer => layer({ type: 'gelu', ...options });
export const hardSwish = (options: Place = {}): Layer => layer({ type: 'hardSwish', ...options });
export const sigmoid = (options: Place = {}): Layer => layer({ type: 'sigmoid', ...options });
export const tanh = (options: Place = {}): Layer => layer({ type: 'tanh', ...options });

/** x above 0, else slope * x; the slope is 0.01 unless it is given. */
export const leakyRelu = (options: Place & { slope?: number } = {}): Layer =>
  layer({ type: 'leakyRelu', ...options });

/** x above 0, else alpha * (e^x - 1); alpha is 1 unless it is given. */
export const elu = (options: Place & { alpha?: number } = {}): Layer => layer({ type: 'elu', ...options });

/** x above 0, else slope * x, the slope trained. */
export const prelu = (options: PReluOptions = {}): Layer => layer({ type: 'prelu', ...options });

/** While training, sets values to 0 with this probability, and divides the others by 1 - rate. */
export const dropout = (rate: number, options: Place = {}): Layer =>
  layer({ type: 'dropout', rate, ...options });

/** Each channel by its mean and variance over the whole mini-batch. */
export const batchNorm = (options: BatchNormOptions = {}): Layer => layer({ type: 'batchNorm', ...options });

/** Each group of channels of a sample by its mean and variance. */
export const groupNorm = (groups: number, options: GroupNormOptions = {}): Layer =>
  layer({ type: 'groupNorm', groups, ...options });

/** Each sample by the mean and variance of all its values. */
export const layerNorm = (options: LayerNormOptions = {}): Layer => layer({ type: 'layerNorm', ...options });

/** The sum of what `body` and `shortcut` make of the block's input; without a shortcut, of the input itself. */
export const residual = (
  body: readonly Layer[],
  { shortcut, ...options }: Place & { shortcut?: readonly Layer[] } = {},
): Layer => {
  const seen = new Set<LayerInput>();
  return layer({
    type: 'residual',
    body: configsOf(body, seen),
    ...(shortcut && { shortcut: configsOf(shortcut, seen) }),
    ...options,
  });
};

/** Takes the place of names that `graph` gives. */
const unnamed = ['', ''];

/** The sum of nodes of one shape. */
export const add = (...nodes: [Node, Node, ...Node[]]): Node =>
  layer({ type: 'add', inputs: unnamed })(...nodes);

/** Nodes one behind the other, by their channels, or features. */
export const concat = (...nodes: [Node, Node, ...Node[]]): Node =>
  layer({ type: 'concat', inputs: unnamed })(...nodes);
