import { extname } from 'node:path';
import { loadConfig } from '../config/load.js';
import { completeConfig, withClasses } from '../config/resolve.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { FeaturesConfig } from '../config/schema.js';
import type { SampleFormat } from '../data/dataset.js';
import { sampleShape } from '../data/features.js';
import { ExitCode, UserError } from '../errors.js';
import { buildNetwork, type Network } from '../graph/network.js';
import { configOf } from '../onnx/import/config.js';
import type { ImportOptions } from '../onnx/import/import.js';
import { readWeights } from '../runs/weights.js';
import { readSafetensorsHeader } from '../tensors/safetensors.js';
import { openOnnx } from './imported-model.js';
import { saveModel } from './save-model.js';
import { configIn, modelOfWeights } from './trained-model.js';

export interface ImportFileOptions extends ImportOptions {
  /** A config's path: the network of a file that has weights alone. */
  readonly network: string | undefined;
  /** Names of the outputs' classes, in place of the file's. */
  readonly classes: readonly string[] | undefined;
  /** The dataset that the config names. */
  readonly dir: string;
  /** Where the weights are to be. */
  readonly weights: string;
}

/** A model's file as a config to train on, and weights that say what they are. */
export interface ImportedFile {
  /** As JSON. */
  readonly config: object;
  readonly network: Network;
  readonly features: FeaturesConfig;
  /** Whether weights are written; else the file itself is what a training starts from. */
  readonly writes: boolean;
  /** Whether the weights say all that `predict` needs. */
  readonly isComplete: boolean;
  readonly notes: readonly string[];
  /** Writes the weights. */
  save(): void;
}

type Normalization = SampleFormat['normalization'];

/** @throws UserError that says what is missing, or what lockstep lacks */
export function readImported(path: string, options: ImportFileOptions): ImportedFile {
  if (extname(path).toLowerCase() === '.onnx') return fromOnnx(path, options);
  return options.network === undefined ? fromOwn(path, options) : fromWeights(path, options.network, options);
}

const noNormalization =
  'nothing says how the pixels were normalized: the config takes the mean and deviation of the images that it is trained on; --mean and --deviation say others';
const noNames = 'the file has no names of classes: --classes gives them; else they are matched by position';

function fromOnnx(
  path: string,
  { classes, dir, weights: file, ...options }: ImportFileOptions,
): ImportedFile {
  const { imported, config, network, weights, ...own } = openOnnx(path, options);
  const { normalization, epoch } = imported;
  const names = classesOf(classes, network, path) ?? own.classes;
  return {
    config: configOf(imported, { name: config.name, dir, init: file, isOpen: true }),
    network,
    features: config.data.features,
    writes: true,
    isComplete: normalization !== undefined,
    notes: [
      ...imported.notes,
      ...(normalization === undefined ? [noNormalization] : []),
      ...(imported.classes === undefined && classes === undefined ? [noNames] : []),
    ],
    save: () =>
      saveModel({ config, network, weights, classes: names, format: { normalization }, epoch }, file),
  };
}

/** Weights that say all themselves: a run's, or those of an earlier import. */
function fromOwn(path: string, { classes, meaning }: ImportFileOptions): ImportedFile {
  if (classes !== undefined || meaning !== undefined)
    throw new UserError(
      `${path}: --classes, --range, --mean and --deviation are for a file that does not say them, an ONNX file or, with --config, weights alone`,
      ExitCode.usage,
    );
  const { network } = modelOfWeights(path);
  const config = configIn(path, readSafetensorsHeader(path).metadata['config']!);
  return {
    config: { ...config, training: { ...config.training, init: path } },
    network,
    features: config.data.features,
    writes: false,
    isComplete: true,
    notes: [],
    save: () => {},
  };
}

/** Weights alone, as of PyTorch's `state_dict`, for a network that a config writes. */
function fromWeights(
  path: string,
  network: string,
  { classes, meaning, weights: file, dir }: ImportFileOptions,
): ImportedFile {
  const complete = completeConfig(loadConfig(network), network);
  const { tensors } = readSafetensorsHeader(path);
  const last = complete.model.layers.at(-1);
  const rows = tensors.get(`${last?.name}.weight`)?.shape[0] ?? classes?.length ?? 2;
  const config = withClasses(complete, rows);
  const { features } = config.data;
  const built = buildNetwork(config.model.layers, sampleShape(features));
  const weights = readWeights(path, built);
  const normalization = meaning ?? fixedIn(features);
  const names = classesOf(classes, built, path);
  const said =
    features.type === 'pixels' && meaning !== undefined ? { ...features, normalize: meaning } : features;
  const own = { ...config, data: { ...config.data, features: said } } as ResolvedConfig;
  const open = { ...complete, data: { ...own.data, dir } };
  return {
    config: { ...open, training: { ...complete.training, init: file } },
    network: built,
    features,
    writes: true,
    isComplete: normalization !== undefined,
    notes: [
      ...(normalization === undefined ? [noNormalization] : []),
      ...(names === undefined ? [noNames] : []),
    ],
    save: () =>
      saveModel(
        {
          config: own,
          network: built,
          weights,
          classes: names ?? Array.from({ length: rows }, (_, label) => `class ${label}`),
          format: { normalization },
          epoch: undefined,
        },
        file,
      ),
  };
}

/** The normalization that does not depend on images; undefined of others. */
function fixedIn(features: FeaturesConfig): Normalization | undefined {
  if (features.type !== 'pixels') return { mean: [], deviation: [] };
  if (features.normalize === 'none') return { mean: [0, 0, 0], deviation: [1, 1, 1] };
  return typeof features.normalize === 'object' ? features.normalize : undefined;
}

function classesOf(names: readonly string[] | undefined, { classes }: Network, path: string) {
  if (names === undefined || names.length === classes) return names;
  throw new UserError(
    `--classes names ${names.length} classes, and ${path} gives ${classes} outputs; expected a name for each`,
    ExitCode.usage,
  );
}
