import type { ResolvedConfig } from '../config/resolved.js';
import { type PackedDataset, splitNames } from '../data/dataset.js';
import { counted } from '../data/faults.js';
import { listed } from '../errors.js';
import { layerOf } from '../graph/network.js';
import { wireLayers } from '../graph/wiring.js';
import type { Engine } from '../runtime/engine.js';
import { integer } from '../views/format.js';
import type { Reporter } from './reporter.js';
import { trainLossExtras } from './train-loss.js';

/** Classes or layers that a message names; the rest is counted. */
const mostNamed = 10;

export interface Announced {
  readonly config: ResolvedConfig;
  readonly dataset: PackedDataset;
  readonly engine: Engine;
  readonly directory: string;
}

/** Reports what is about to be trained, and what is unusual about it and its dataset. */
export function announce({ config, dataset, engine, directory }: Announced, reporter: Reporter): void {
  const { train, validation, test } = dataset.splits;
  reporter.start({
    name: config.name,
    parameters: engine.network.parameterCount,
    layers: wireLayers(config.model.layers).length,
    samples: { train: train.samples, validation: validation.samples, test: test.samples },
    threads: engine.threads,
    ...(engine.group && {
      distributed: {
        carrier: engine.group.carrier,
        ranks: engine.group.members.map((member, rank) => ({ ...member, share: engine.shareOf(rank) })),
      },
    }),
    batchSize: config.training.batchSize,
    epochs: config.training.epochs,
    directory,
    trainLossWith: trainLossExtras(config),
  });
  const { parameters, parameterCount } = engine.network;
  const frozen = parameters.filter(({ isFrozen }) => isFrozen);
  if (frozen.length > 0) {
    const layers = [...new Set(frozen.map(layerOf))];
    const values = frozen.reduce((sum, { size }) => sum + size, 0);
    reporter.note(
      `${integer(values)} of ${integer(parameterCount)} parameters are frozen: ${listed(layers, mostNamed, ', ')}`,
    );
  }
  const { schedule } = config.optimizer;
  const { epochs } = config.training;
  if (schedule.type !== 'oneCycle' && schedule.warmupEpochs >= epochs) {
    reporter.warning(
      `the learning rate rises all through the training: optimizer.schedule.warmupEpochs is ${schedule.warmupEpochs}, of ${counted(epochs, 'epoch')}`,
    );
  }
  for (const { file, reason } of dataset.skipped) reporter.warning(`left out ${file}: ${reason}`);
  for (const split of splitNames) {
    const empty = engine.emptyClasses(split).map((label) => dataset.classes[label]!);
    if (empty.length > 0) reporter.warning(`no ${split} image of ${listed(empty, mostNamed, ', ')}`);
  }
  const { resident, samples } = engine.memory;
  if (resident < samples) {
    reporter.note(
      `${integer(samples - resident)} of ${integer(samples)} samples do not fit into --memory and are read as they are needed`,
    );
  }
}
