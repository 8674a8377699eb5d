import { basename, dirname, extname, join } from 'node:path';
import { parseConfig } from '../config/load.js';
import { resolveConfig } from '../config/resolve.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { sampleShape, sampleType } from '../data/features.js';
import { ExitCode, UserError } from '../errors.js';
import { readWholeFile } from '../files/open-file.js';
import type { Opening } from '../files/opening.js';
import { whileReading } from '../files/unreadable.js';
import { buildNetwork, type Network } from '../graph/network.js';
import { configOf } from '../onnx/import/config.js';
import { type ImportedModel, type ImportOptions, importOnnx } from '../onnx/import/import.js';
import type { ExternalFile } from '../onnx/import/tensor.js';
import type { Weights } from '../runs/weights.js';
import type { TrainedModel } from './trained-model.js';

/** A protobuf message cannot be longer, bytes. */
const mostBytes = 2 ** 31 - 1;

/** An ONNX file's network, ready to run. */
export interface OpenedOnnx {
  readonly imported: ImportedModel;
  readonly config: ResolvedConfig;
  readonly network: Network;
  readonly weights: Weights;
  /** The file's, or `class 0`, ... where it has none, as those of a dataset without names. */
  readonly classes: readonly string[];
}

/** @throws UserError where the file cannot be read, or holds what lockstep has not */
export function openOnnx(path: string, options: ImportOptions = {}): OpenedOnnx {
  const read = (path: string, opening?: Opening) =>
    whileReading(path, () => readWholeFile(path, mostBytes, opening));
  const beside = new Map<string, Uint8Array>();
  const external = (name: string): Uint8Array => {
    const bytes = beside.get(name) ?? read(join(dirname(path), name), { links: false });
    beside.set(name, bytes);
    return bytes;
  };
  return onnxModel(path, read(path), external, options);
}

/** As `openOnnx`, of a file's bytes. @param external bytes of a file beside it */
export function onnxModel(
  path: string,
  bytes: Uint8Array,
  external: ExternalFile,
  options: ImportOptions = {},
): OpenedOnnx {
  const imported = importOnnx(path, bytes, external, options);
  const { layers, features } = imported;
  const name = nameOf(imported.name ?? basename(path, extname(path)));
  const source = `the network in ${path}`;
  const config = resolveConfig(
    parseConfig(configOf({ layers, features }, { name, dir: 'images', isOpen: false }), source),
    source,
  );
  const network = buildNetwork(config.model.layers, sampleShape(config.data.features));
  return {
    imported,
    config,
    network,
    weights: network.weights.map(({ name, shape }) => {
      const tensor = imported.weights.get(name);
      if (tensor?.shape.join() === shape.join()) return tensor.values;
      throw new Error(`${path}: ${name} is ${tensor?.shape.join(' x ')} and not ${shape.join(' x ')}`);
    }),
    classes: imported.classes ?? Array.from({ length: network.classes }, (_, label) => `class ${label}`),
  };
}

/**
 * A model of which an ONNX file says all: what lockstep exported, or another one that begins with its normalization.
 * @throws UserError (exit code usage) where it does not say what its input holds, and as `openOnnx`
 */
export function openOnnxModel(path: string): TrainedModel {
  const { imported, config, network, weights, classes } = openOnnx(path);
  const { features } = config.data;
  const { normalization, epoch } = imported;
  if (normalization === undefined)
    throw new UserError(
      `${path} does not say how its pixels are normalized. Import it and say so, such as by lockstep import FILE --as config.json ` +
        '--mean 0.485,0.456,0.406 --deviation 0.229,0.224,0.225; then use the weights that it writes',
      ExitCode.usage,
      { path },
    );
  const format = { sampleType: sampleType(features), sampleShape: sampleShape(features), normalization };
  return { config, network, weights, classes, format, path, epoch };
}

/** A config's name for a file's or a network's. */
export const nameOf = (text: string): string =>
  text
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64) || 'imported';
