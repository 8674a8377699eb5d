import { nearest } from './describe.js';
import { type Fault, faultsError } from './faults.js';
import { hasParameters, LayerNames, parameterNames } from './layer-names.js';
import { layerMatcher } from './layer-patterns.js';
import type { Path } from './path.js';
import type {
  CompleteConfig,
  CompleteLayer,
  CustomOf,
  Length,
  Pair,
  ResolvedConfig,
  ResolvedLayer,
  ResolvedTraining,
} from './resolved.js';
import { type Config, configSchema, type LayerConfig } from './schema.js';
import { classesWidth, mostLayers } from './schema-model.js';

type Model = Config['model'];

/**
 * Fills in what depends on other parts of the config: layer names, initializers, pool strides, pairs written as
 * one number, and the metric of early stopping. `source` names the config in messages.
 * @throws UserError (exit code usage) for two layers with the same name, a pattern that matches no
 * layer, or augmentation of what is no image.
 */
export function completeConfig(config: Config, source = 'the config'): CompleteConfig {
  // $schema is a path relative to the file that was read, so it would be wrong in another folder.
  const { $schema: _, ...rest } = config;
  refuseAugmentation(config, source);
  const names = new LayerNames();
  const layers = resolveLayers(config.model.layers, layersPath, names, config.model);
  const faults = [...names.faults, ...tooMany(layers), ...unknownLayers(config, layers)];
  if (faults.length > 0) throw faultsError(source, faults);
  const complete = { ...rest, model: { ...config.model, layers }, training: withMetric(config.training) };
  // In the schema's order, as the run's config.json has it when it is read again: a resumed run's files are those of one in a piece.
  return configSchema.parse(complete) as CompleteConfig;
}

/** Early stopping watches what the best weights are chosen by, unless it names another metric. */
const withMetric = ({ earlyStopping, ...training }: Config['training']): ResolvedTraining => ({
  ...training,
  ...(earlyStopping && {
    earlyStopping: { ...earlyStopping, metric: earlyStopping.metric ?? training.bestBy },
  }),
});

const layersPath: Path = ['model', 'layers'];

/** All layers with their paths. A block's layers come before the block. */
function placed(layers: readonly CompleteLayer[], path = layersPath): { layer: CompleteLayer; path: Path }[] {
  return layers.flatMap((layer, index) => {
    const layerPath = [...path, index];
    const { body = [], shortcut = [] } = layer.type === 'residual' ? layer : {};
    return [
      ...placed(body, [...layerPath, 'body']),
      ...placed(shortcut, [...layerPath, 'shortcut']),
      { layer, path: layerPath },
    ];
  });
}

function tooMany(layers: readonly CompleteLayer[]): Fault[] {
  const { length } = placed(layers);
  const message = `found ${length} layers, those in blocks included; expected at most ${mostLayers}`;
  return length > mostLayers ? [{ path: layersPath, message }] : [];
}

/** Faults of layer patterns: they match no layer with parameters and no parameter, or leave no layer to train. */
function unknownLayers({ optimizer, training }: Config, layers: readonly CompleteLayer[]): Fault[] {
  const all = placed(layers).map(({ layer }) => layer);
  const names = all.flatMap((layer) => (hasParameters(layer) ? (layer.name ?? []) : []));
  const patternFault = (pattern: string, known: readonly string[], path: Path): Fault[] => {
    const message = unmatched(pattern, names, known);
    return message === undefined ? [] : [{ path, message }];
  };
  const faults = [
    ...training.freeze.flatMap((pattern, i) => patternFault(pattern, names, ['training', 'freeze', i])),
    ...optimizer.layerFactors.flatMap(({ layers: pattern }, i) => {
      const known = [...names, ...all.flatMap(parameterNames)];
      return patternFault(pattern, known, ['optimizer', 'layerFactors', i, 'layers']);
    }),
  ];
  if (faults.length > 0 || names.length === 0 || !names.every(layerMatcher(training.freeze))) return faults;
  const message = 'found patterns that match every layer with parameters; leave one to train';
  return [{ path: ['training', 'freeze'], message }];
}

/** The fault of a pattern that matches none of what is known; undefined if it matches one. */
function unmatched(pattern: string, layers: readonly string[], known: readonly string[]): string | undefined {
  if (known.some(layerMatcher([pattern]))) return undefined;
  const near = nearest(pattern, known);
  return (
    `found "${pattern}", which no layer with parameters is named; ` +
    (near === undefined ? `they are ${layers.join(', ')}` : `did you mean "${near}"?`)
  );
}

/** The config with its dataset's number of classes filled in. */
export function withClasses(config: CompleteConfig, classes: number): ResolvedConfig {
  const wide = (layer: CompleteLayer): ResolvedLayer => {
    if (layer.type === 'residual') {
      const { body, shortcut } = layer;
      return {
        ...layer,
        body: body.map(wide),
        ...(shortcut && { shortcut: shortcut.map(wide) }),
      } as ResolvedLayer;
    }
    const lengthOf = (length: Length) => (length === classesWidth ? classes : length);
    if (layer.type === 'dense') return { ...layer, outFeatures: lengthOf(layer.outFeatures) };
    if (layer.type !== 'custom') return layer;
    const { outShape } = layer;
    const parameters = Object.entries(layer.parameters).map(
      ([key, { shape, init }]) => [key, { shape: shape.map(lengthOf), init }] as const,
    );
    return {
      ...layer,
      outShape: outShape === 'same' ? outShape : outShape.map(lengthOf),
      parameters: Object.fromEntries(parameters),
    };
  };
  return { ...config, model: { ...config.model, layers: config.model.layers.map(wide) } };
}

/**
 * Completes a config that contains its number of classes, as a run's does.
 * @throws UserError (exit code usage) as `completeConfig`, and where it leaves the number to a dataset
 */
export function resolveConfig(config: Config, source = 'the config'): ResolvedConfig {
  const complete = completeConfig(config, source);
  const open = placed(complete.model.layers).flatMap(({ layer, path }) =>
    openLengths(layer).map((key) => ({ path: [...path, ...key], message: openWidth })),
  );
  if (open.length > 0) throw faultsError(source, open);
  return complete as ResolvedConfig;
}

/** Paths in a layer that wait for the number of classes. */
function openLengths(layer: CompleteLayer): Path[] {
  if (layer.type === 'dense') return layer.outFeatures === classesWidth ? [['outFeatures']] : [];
  if (layer.type !== 'custom') return [];
  const isOpen = (lengths: CustomOf<Length>['outShape']) => lengths.includes(classesWidth);
  const open = Object.entries(layer.parameters).filter(([, { shape }]) => isOpen(shape));
  return [
    ...(isOpen(layer.outShape) ? [['outShape']] : []),
    ...open.map(([key]) => ['parameters', key, 'shape']),
  ];
}

const openWidth = `found "${classesWidth}"; expected their number, since there is no dataset here to say it`;

const resolveLayers = (layers: readonly LayerConfig[], path: Path, names: LayerNames, model: Model) =>
  layers.map((layer, index) => resolveLayer(layer, [...path, index], names, model));

function resolveLayer(layer: LayerConfig, path: Path, names: LayerNames, model: Model): CompleteLayer {
  if (layer.type === 'residual') {
    const { shortcut, ...block } = layer;
    const body = resolveLayers(block.body, [...path, 'body'], names, model);
    const beside = shortcut && resolveLayers(shortcut, [...path, 'shortcut'], names, model);
    names.of(layer, path);
    return { ...block, body, ...(beside && { shortcut: beside }) };
  }
  const name = names.of(layer, path);
  const inputs = layer.inputs && { inputs: layer.inputs };
  switch (layer.type) {
    case 'conv2d':
      return {
        type: layer.type,
        name,
        outChannels: layer.outChannels,
        kernelSize: toPair(layer.kernelSize),
        stride: toPair(layer.stride),
        padding: layer.padding === 'same' ? layer.padding : toPair(layer.padding),
        dilation: toPair(layer.dilation),
        groups: layer.groups,
        bias: layer.bias,
        weightInit: layer.weightInit ?? model.weightInit,
        ...(layer.bias && { biasInit: layer.biasInit ?? model.biasInit }),
        ...inputs,
      };
    case 'dense':
      return {
        type: layer.type,
        name,
        outFeatures: layer.outFeatures,
        bias: layer.bias,
        weightInit: layer.weightInit ?? model.weightInit,
        ...(layer.bias && { biasInit: layer.biasInit ?? model.biasInit }),
        ...inputs,
      };
    case 'maxPool':
    case 'averagePool':
      return {
        ...layer,
        window: toPair(layer.window),
        stride: toPair(layer.stride ?? layer.window),
        padding: toPair(layer.padding),
      };
    case 'batchNorm':
    case 'groupNorm':
    case 'layerNorm':
    case 'prelu':
    case 'custom':
      return { ...layer, name };
    default:
      return layer;
  }
}

function refuseAugmentation(
  { data: { features }, training: { augmentation } }: Config,
  source: string,
): void {
  const fault = (key: Path, message: string) =>
    faultsError(source, [{ path: ['training', 'augmentation', ...key], message }]);
  const [name] = Object.keys(augmentation);
  if (name === undefined) return;
  if (features.type !== 'pixels')
    throw fault([name], `only images can be augmented, and data.features is ${features.type}; leave it out`);
  const { crop } = augmentation;
  const side = Math.min(features.width, features.height);
  if (crop?.border === 'reflect' && crop.padding >= side)
    throw fault(
      ['crop', 'padding'],
      `found ${crop.padding}; with a reflected border less than the image's ${side}`,
    );
}

const toPair = (value: number | [number, number]): Pair =>
  typeof value === 'number' ? [value, value] : value;
