import type { ActivationType } from './activations.js';
import { type Fault, faultsError } from './faults.js';
import { pathText } from './path.js';
import type { Config, Initializer, LayerConfig } from './schema.js';
import { classesWidth } from './schema-model.js';

/** `[height, width]` */
export type Pair = [height: number, width: number];

/** What every layer may say of its place. */
interface ResolvedPlace {
  name?: string | undefined;
  /** Names of the layers that it reads; left out: the one before. */
  inputs?: string[] | undefined;
}
/** What layers with parameters share. */
interface ResolvedParameters extends ResolvedPlace {
  /** The parameters are saved as `name.weight` and `name.bias`. */
  name: string;
  weightInit: Initializer;
  biasInit: Initializer;
}
export interface ResolvedConv2d extends ResolvedParameters {
  type: 'conv2d';
  outChannels: number;
  kernelSize: Pair;
  stride: Pair;
  padding: Pair;
}
export interface ResolvedDense extends ResolvedParameters {
  type: 'dense';
  outFeatures: number;
}
export interface ResolvedPool extends ResolvedPlace {
  type: 'maxPool' | 'averagePool';
  window: Pair;
  stride: Pair;
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
export interface ResolvedActivation extends ResolvedPlace {
  type: ActivationType;
}
export interface ResolvedDropout extends ResolvedPlace {
  type: 'dropout';
  rate: number;
}
export interface ResolvedBatchNorm extends ResolvedPlace {
  type: 'batchNorm';
  name: string;
  epsilon: number;
  momentum: number;
}
export interface ResolvedAdd extends ResolvedPlace {
  type: 'add';
  inputs: string[];
}
/** A layer with nothing left to default. */
export type ResolvedLayer =
  | ResolvedConv2d
  | ResolvedDense
  | ResolvedPool
  | ResolvedZeroPad
  | ResolvedFlatten
  | ResolvedActivation
  | ResolvedDropout
  | ResolvedBatchNorm
  | ResolvedAdd;
/** The same, where a dense layer may be as wide as the dataset has classes. */
export type CompleteLayer =
  | Exclude<ResolvedLayer, ResolvedDense>
  | (Omit<ResolvedDense, 'outFeatures'> & { outFeatures: number | typeof classesWidth });

type Model = Config['model'];
type WithLayers<Layer> = Omit<Config, '$schema' | 'model'> & {
  model: Omit<Model, 'layers'> & { layers: Layer[] };
};

/** A config that leaves nothing open but the number of classes, which is the dataset's. */
export interface CompleteConfig extends WithLayers<CompleteLayer> {}

/** A config that leaves nothing open; a run's `config.json` holds it, and loads again to the same. */
export interface ResolvedConfig extends WithLayers<ResolvedLayer> {}

/**
 * Fills in what depends on another part of the config: layers' names and initializers, pools' strides, and
 * pairs written as one number. `source` names the config in messages.
 * @throws UserError (exit code usage) for two layers of one name, or augmentation of what is no image.
 */
export function completeConfig(config: Config, source = 'the config'): CompleteConfig {
  // $schema is a path relative to the file that was read, so it would be wrong in another folder.
  const { $schema: _, ...rest } = config;
  refuseAugmentedHistograms(config, source);
  const names = layerNames(config.model.layers, source);
  const layers = config.model.layers.map((layer, i) => resolveLayer(layer, names[i]!, config.model));
  return { ...rest, model: { ...config.model, layers } };
}

/** The config with the number of classes that its dataset has. */
export function withClasses(config: CompleteConfig, classes: number): ResolvedConfig {
  const layers = config.model.layers.map(
    (layer): ResolvedLayer =>
      layer.type !== 'dense'
        ? layer
        : { ...layer, outFeatures: layer.outFeatures === classesWidth ? classes : layer.outFeatures },
  );
  return { ...config, model: { ...config.model, layers } };
}

/**
 * The same of a config that says its number of classes itself, as a run's does.
 * @throws UserError (exit code usage) also where it leaves the number to a dataset
 */
export function resolveConfig(config: Config, source = 'the config'): ResolvedConfig {
  const complete = completeConfig(config, source);
  const open = complete.model.layers.flatMap((layer, index) =>
    layer.type === 'dense' && layer.outFeatures === classesWidth
      ? [{ path: ['model', 'layers', index, 'outFeatures'], message: openWidth }]
      : [],
  );
  if (open.length > 0) throw faultsError(source, open);
  return complete as ResolvedConfig;
}

const openWidth = `found "${classesWidth}"; expected their number, since there is no dataset here to say it`;

function resolveLayer(layer: LayerConfig, name: string, model: Model): CompleteLayer {
  const inputs = layer.inputs && { inputs: layer.inputs };
  switch (layer.type) {
    case 'conv2d':
      return {
        type: layer.type,
        name,
        outChannels: layer.outChannels,
        kernelSize: toPair(layer.kernelSize),
        stride: toPair(layer.stride),
        padding: toPair(layer.padding),
        weightInit: layer.weightInit ?? model.weightInit,
        biasInit: layer.biasInit ?? model.biasInit,
        ...inputs,
      };
    case 'dense':
      return {
        type: layer.type,
        name,
        outFeatures: layer.outFeatures,
        weightInit: layer.weightInit ?? model.weightInit,
        biasInit: layer.biasInit ?? model.biasInit,
        ...inputs,
      };
    case 'maxPool':
    case 'averagePool':
      return { ...layer, window: toPair(layer.window), stride: toPair(layer.stride ?? layer.window) };
    case 'batchNorm':
      return { ...layer, name };
    default:
      return layer;
  }
}

function refuseAugmentedHistograms({ data, training }: Config, source: string): void {
  const [name] = Object.keys(training.augmentation);
  if (name === undefined || data.features.type === 'pixels') return;
  const message = `only images can be augmented, and data.features is ${data.features.type}; leave it out`;
  throw faultsError(source, [{ path: ['training', 'augmentation', name], message }]);
}

const toPair = (value: number | [number, number]): Pair =>
  typeof value === 'number' ? [value, value] : value;

const namePrefix: Partial<Record<LayerConfig['type'], string>> = {
  conv2d: 'conv',
  dense: 'fc',
  batchNorm: 'bn',
};

/** A name for each layer: its own, or, where it has parameters, its type's and its number among these, else ''. */
function layerNames(layers: readonly LayerConfig[], source: string): string[] {
  const counts = new Map<string, number>();
  const taken = new Map<string, number>();
  const faults: Fault[] = [];
  const names = layers.map((layer, index) => {
    const prefix = namePrefix[layer.type];
    const number = (counts.get(prefix ?? '') ?? 0) + 1;
    counts.set(prefix ?? '', number);
    const name = layer.name ?? (prefix === undefined ? '' : `${prefix}${number}`);
    if (name === '') return '';
    const other = taken.get(name);
    if (other === undefined) taken.set(name, index);
    else faults.push({ path: ['model', 'layers', index, 'name'], message: sameName(name, other) });
    return name;
  });
  if (faults.length > 0) throw faultsError(source, faults);
  return names;
}

const sameName = (name: string, other: number) =>
  `"${name}" is the name of ${pathText(['model', 'layers', other])} too; give one of them another`;
