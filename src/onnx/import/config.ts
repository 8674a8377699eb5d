import type { ConfigInput } from '../../config/input.js';
import { classesWidth } from '../../config/schema-model.js';
import type { ImportedModel } from './import.js';

export interface ConfigOptions {
  readonly name: string;
  /** Folder of the images that it is to be trained on. */
  readonly dir: string;
  /** The file of its weights. */
  readonly init?: string | undefined;
  /** Whether the last layer is as wide as the dataset has classes, in place of the file's number. */
  readonly isOpen: boolean;
}

/**
 * A config of an imported network, with a recipe for fine-tuning: a small learning rate, which falls, for a few epochs. It is a beginning, to
 * be changed at will.
 */
export function configOf(
  { features, layers }: Pick<ImportedModel, 'features' | 'layers'>,
  { name, dir, init, isOpen }: ConfigOptions,
): ConfigInput {
  const last = layers.at(-1)!;
  const open: ConfigInput['model']['layers'] =
    isOpen && last.type === 'dense'
      ? [...layers.slice(0, -1), { ...last, outFeatures: classesWidth }]
      : layers;
  return {
    name,
    data: { dir, features },
    model: { layers: open },
    loss: { type: 'crossEntropy' },
    optimizer: {
      type: 'sgd',
      learningRate: 0.002,
      momentum: 0.9,
      nesterov: true,
      weightDecay: 0.0005,
      decayBiasesAndNorms: false,
      schedule: { type: 'cosine', warmupEpochs: 1 },
    },
    training: { batchSize: 32, epochs: 10, ...(init !== undefined && { init }) },
  };
}
