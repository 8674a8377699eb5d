import type { ActivationConfig } from './activations.js';
import type { Config, Initializer, MetricName } from './schema.js';
import type { classesWidth, samePadding } from './schema-model.js';

/** A config whose every default, name and size is said: what the rest of the program reads. */

/** `[height, width]` */
export type Pair = [height: number, width: number];

/** Keys that every layer may have. */
interface ResolvedPlace {
  name?: string | undefined;
  /** Names of the layers that it reads; by default the layer before. */
  inputs?: string[] | undefined;
}
/** Keys of layers with parameters. */
interface ResolvedParameters extends ResolvedPlace {
  /** The parameters are saved as `name.weight` and `name.bias`. */
  name: string;
  weightInit: Initializer;
  biasInit: Initializer;
}
/** Keys of convolutions and dense layers. */
interface ResolvedLinear extends Omit<ResolvedParameters, 'biasInit'> {
  bias: boolean;
  /** Only with a bias. */
  biasInit?: Initializer;
}
export interface ResolvedConv2d extends ResolvedLinear {
  type: 'conv2d';
  outChannels: number;
  kernelSize: Pair;
  stride: Pair;
  padding: Pair | typeof samePadding;
  dilation: Pair;
  groups: number;
}
export interface ResolvedDense extends ResolvedLinear {
  type: 'dense';
  outFeatures: number;
}
export interface ResolvedPool extends ResolvedPlace {
  type: 'maxPool' | 'averagePool';
  window: Pair;
  stride: Pair;
  padding: Pair;
}
export interface ResolvedGlobalAveragePool extends ResolvedPlace {
  type: 'globalAveragePool';
}
export interface ResolvedZeroPad extends ResolvedPlace {
  type: 'zeroPad';
  top: number;
  right: number;
  bottom: number;
  left: number;
}
export interface ResolvedFlatten extends ResolvedPlace {
  type: 'flatten';
}
export type ResolvedActivation = ResolvedPlace & ActivationConfig;
export interface ResolvedPRelu extends ResolvedPlace {
  type: 'prelu';
  /** Its slopes are saved as `name.weight`. */
  name: string;
  slopes: 'one' | 'channels';
  weightInit: Initializer;
}
export interface ResolvedDropout extends ResolvedPlace {
  type: 'dropout';
  rate: number;
}
interface ResolvedNorm extends ResolvedParameters {
  epsilon: number;
}
export interface ResolvedBatchNorm extends ResolvedNorm {
  type: 'batchNorm';
  momentum: number;
}
export interface ResolvedGroupNorm extends ResolvedNorm {
  type: 'groupNorm';
  groups: number;
}
export interface ResolvedLayerNorm extends ResolvedNorm {
  type: 'layerNorm';
}
export interface ResolvedAdd extends ResolvedPlace {
  type: 'add';
  inputs: string[];
}
export interface ResolvedConcat extends ResolvedPlace {
  type: 'concat';
  inputs: string[];
}
/** An own operator. */
export interface CustomOf<Length> extends ResolvedPlace {
  type: 'custom';
  /** Its parameters are saved as `name.KEY`. */
  name: string;
  /** Path of the module, whose `export` is the factory. */
  module: string;
  export: string;
  options: Record<string, unknown>;
  sha256?: string | undefined;
  outShape: 'same' | Length[];
  parameters: Record<string, { shape: Length[]; init: Initializer }>;
}
export interface ResolvedCustom extends CustomOf<number> {}
/** A block: the output of `body` is added to the block's input, or to the output of `shortcut`. */
interface ResidualOf<Layer> extends ResolvedPlace {
  type: 'residual';
  body: Layer[];
  shortcut?: Layer[] | undefined;
}
export interface ResolvedResidual extends ResidualOf<ResolvedLayer> {}
/** A complete layer that is not a block. */
type ResolvedSingle =
  | ResolvedConv2d
  | ResolvedDense
  | ResolvedPool
  | ResolvedGlobalAveragePool
  | ResolvedZeroPad
  | ResolvedFlatten
  | ResolvedActivation
  | ResolvedPRelu
  | ResolvedDropout
  | ResolvedBatchNorm
  | ResolvedGroupNorm
  | ResolvedLayerNorm
  | ResolvedAdd
  | ResolvedConcat
  | ResolvedCustom;
/** A complete layer. */
export type ResolvedLayer = ResolvedSingle | ResolvedResidual;
interface CompleteResidual extends ResidualOf<CompleteLayer> {}
export type Length = number | typeof classesWidth;
/** The same, but the width of a dense layer, and lengths of an own operator's, may still be the dataset's number of classes. */
export type CompleteLayer =
  | Exclude<ResolvedSingle, ResolvedDense | ResolvedCustom>
  | (Omit<ResolvedDense, 'outFeatures'> & { outFeatures: Length })
  | CustomOf<Length>
  | CompleteResidual;

type Training = Config['training'];
type EarlyStopping = NonNullable<Training['earlyStopping']>;
export interface ResolvedTraining extends Omit<Training, 'earlyStopping'> {
  earlyStopping?: (EarlyStopping & { metric: MetricName }) | undefined;
}
type WithLayers<Layer> = Omit<Config, '$schema' | 'model' | 'training'> & {
  training: ResolvedTraining;
  model: Omit<Config['model'], 'layers'> & { layers: Layer[] };
};

/** A config that is complete except for the dataset's number of classes. */
export interface CompleteConfig extends WithLayers<CompleteLayer> {}

/** A complete config. A run's `config.json` holds it, and loads to the same config. */
export interface ResolvedConfig extends WithLayers<ResolvedLayer> {}
