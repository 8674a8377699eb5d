import { existsSync } from 'node:fs';
import type { ResolvedConfig } from '../config/resolve.js';
import type { SampleFormat } from '../data/dataset.js';
import { sampleShape, sampleType } from '../data/features.js';
import { readWeights, type Weights } from '../engine/weights.js';
import { ExitCode, UserError } from '../errors.js';
import { buildNetwork, type Network } from '../model/network.js';
import { runPath } from '../run/directory.js';
import type { SavedRun } from '../run/saved-run.js';
import { readSafetensors } from '../tensors/safetensors.js';

/** Which of a run's weights: of the epoch that was best on validation, or of the last one. */
export const weightsChoices = ['best', 'last'] as const;
export type WeightsChoice = (typeof weightsChoices)[number];

/** All that classifying an image takes. */
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
  /** After which epoch they were saved; undefined of the last one's. */
  readonly epoch: number | undefined;
}

/** @throws UserError (exit code usage) where the run has no such weights, or they do not fit its config */
export function openModel({ directory, config }: SavedRun, choice: WeightsChoice): TrainedModel {
  const path = runPath(directory, choice === 'best' ? 'best' : 'model');
  if (!existsSync(path)) {
    const why =
      choice === 'best'
        ? 'no epoch has ended'
        : 'the run has not ended; --weights best takes those of its best epoch so far';
    throw new UserError(`${path} is not there: ${why}`, ExitCode.usage);
  }
  const features = config.data.features;
  const network = buildNetwork(config.model.layers, sampleShape(features));
  const weights = readWeights(path, network);
  const { metadata } = readSafetensors(path);
  const json = <T>(name: string): T => {
    try {
      return JSON.parse(metadata[name]!) as T;
    } catch (cause) {
      throw new UserError(`${path} does not say its ${name}; it is no training's`, ExitCode.usage, { cause });
    }
  };
  return {
    config,
    network,
    weights,
    classes: json<string[]>('classes'),
    format: {
      sampleType: sampleType(features),
      sampleShape: sampleShape(features),
      normalization: json<SampleFormat['normalization']>('normalization'),
    },
    path,
    epoch: metadata['epoch'] === undefined ? undefined : Number(metadata['epoch']),
  };
}
