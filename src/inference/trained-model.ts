import { existsSync } from 'node:fs';
import { z } from 'zod';
import { parseConfig } from '../config/load.js';
import { resolveConfig } from '../config/resolve.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { SampleFormat } from '../data/dataset.js';
import { sampleShape, sampleType } from '../data/features.js';
import { ExitCode, UserError } from '../errors.js';
import type { Opening } from '../files/opening.js';
import { buildNetwork, type Network } from '../graph/network.js';
import { wireLayers } from '../graph/wiring.js';
import { runPath } from '../runs/directory.js';
import type { SavedRun } from '../runs/saved-run.js';
import { readWeights, type Weights } from '../runs/weights.js';
import { readSafetensorsHeader } from '../tensors/safetensors.js';

/** A choice of a run's weights: those of the best epoch on validation, or of the last epoch. */
export const weightsChoices = ['best', 'last'] as const;
export type WeightsChoice = (typeof weightsChoices)[number];

/** Everything needed to classify an image. */
export interface TrainedModel {
  readonly config: ResolvedConfig;
  readonly network: Network;
  readonly weights: Weights;
  /** Names in label order. */
  readonly classes: readonly string[];
  /** How a sample is stored, and the training's own normalization. */
  readonly format: SampleFormat;
  /** The file of the weights. */
  readonly path: string;
  /** The epoch after which the weights were saved; undefined for the last one's. */
  readonly epoch: number | undefined;
}

/** @throws UserError (exit code usage) where the run has no such weights, or they do not fit its config */
export function modelOfRun({ directory, config }: SavedRun, choice: WeightsChoice): TrainedModel {
  const path = runPath(directory, choice === 'best' ? 'best' : 'model');
  if (!existsSync(path)) {
    const why =
      choice === 'best'
        ? 'no epoch has ended, or it was removed'
        : 'the run has not ended; those of its best epoch so far are there (weights: best, --weights best)';
    throw new UserError(`${path} is not there: ${why}`, ExitCode.usage, { path });
  }
  return modelIn(path, config, { links: false });
}

/**
 * A model of which a file of weights says all, as those of a run do.
 * @throws UserError (exit code usage) where it does not say its network, its classes or its normalization, or the weights do not fit the network
 */
export function modelOfWeights(path: string): TrainedModel {
  const { metadata } = readSafetensorsHeader(path);
  if (metadata['config'] !== undefined) return modelIn(path, configIn(path, metadata['config']), {});
  throw new UserError(
    `${path} has weights and does not say of which network: its metadata has no config, as the files of lockstep's own runs have. ` +
      'Write the network as a config, and join the two: lockstep import FILE --config NETWORK.json --as CONFIG.json',
    ExitCode.usage,
    { path },
  );
}

/** The config in the metadata of a file of weights. */
export function configIn(path: string, text: string): ResolvedConfig {
  const source = `the config in ${path}`;
  let config: ResolvedConfig;
  try {
    config = resolveConfig(parseConfig(JSON.parse(text), source), source);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${source} is no JSON: ${(error as Error).message}`, ExitCode.usage, {
      cause: error,
      path,
    });
  }
  // Whoever opens a file of weights does not expect that it has code run.
  const layer = wireLayers(config.model.layers).find(({ config: { type } }) => type === 'custom')?.key;
  const own = layer ?? (config.loss.type === 'custom' ? 'loss' : undefined);
  if (own === undefined) return config;
  throw new UserError(
    `${path} names own code (${own}), which a file of weights does not run; give the run's directory`,
    ExitCode.usage,
    { path },
  );
}

function modelIn(path: string, config: ResolvedConfig, opening: Opening): TrainedModel {
  const features = config.data.features;
  const network = buildNetwork(config.model.layers, sampleShape(features));
  const weights = readWeights(path, network, opening);
  const saved = readSavedMetadata(path, readSafetensorsHeader(path, opening).metadata, network.classes);
  return {
    config,
    network,
    weights,
    classes: saved.classes,
    format: {
      sampleType: sampleType(features),
      sampleShape: sampleShape(features),
      normalization: saved.normalization,
    },
    path,
    epoch: saved.epoch,
  };
}

const channels = z.array(z.number()).max(3);
const schema = z.object({
  classes: z.array(z.string()),
  normalization: z.object({ mean: channels, deviation: channels }),
  epoch: z.int().min(1).optional(),
});

/** The values that a training writes into the metadata of its weights. */
function readSavedMetadata(path: string, metadata: Readonly<Record<string, string>>, classes: number) {
  const json = (name: keyof typeof schema.shape): unknown => {
    try {
      return JSON.parse(metadata[name] ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  };
  const result = schema.safeParse({
    classes: json('classes'),
    normalization: json('normalization'),
    epoch: json('epoch'),
  });
  if (result.success && result.data.classes.length === classes) return result.data;
  const what = result.success ? 'classes' : String(result.error.issues[0]!.path[0]);
  const advice =
    what === 'normalization'
      ? '. Import the model again by lockstep import, with --range, or --mean and --deviation, which say what its pixels were divided by'
      : "; it is no training's";
  throw new UserError(`${path} does not say its ${what}${advice}`, ExitCode.usage, { path });
}
