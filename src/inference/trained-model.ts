import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { ResolvedConfig } from '../config/resolve.js';
import type { SampleFormat } from '../data/dataset.js';
import { sampleShape, sampleType } from '../data/features.js';
import { ExitCode, UserError } from '../errors.js';
import { buildNetwork, type Network } from '../graph/network.js';
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
export function openModel({ directory, config }: SavedRun, choice: WeightsChoice): TrainedModel {
  const path = runPath(directory, choice === 'best' ? 'best' : 'model');
  if (!existsSync(path)) {
    const why =
      choice === 'best'
        ? 'no epoch has ended, or it was removed'
        : 'the run has not ended; --weights best takes those of its best epoch so far';
    throw new UserError(`${path} is not there: ${why}`, ExitCode.usage, { path });
  }
  const features = config.data.features;
  const network = buildNetwork(config.model.layers, sampleShape(features));
  const weights = readWeights(path, network, { links: false });
  const saved = readSavedMetadata(
    path,
    readSafetensorsHeader(path, { links: false }).metadata,
    network.classes,
  );
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
  throw new UserError(`${path} does not say its ${what}; it is no training's`, ExitCode.usage, { path });
}
