import { initialize } from '../compile/initialize.js';
import { type MemoryPlan, writeTables } from '../compile/memory-plan.js';
import { whiten } from '../compile/whitening.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { type PackedDataset, type SplitName, splitNames } from '../data/dataset.js';
import { normalizedSamples } from '../data/normalized-samples.js';
import { withPackedFile } from '../data/packed/packed-file.js';
import type { Network } from '../graph/network.js';
import type { Platform } from '../platform/platform.js';
import { classIndex, fillClassIndex } from './class-index.js';
import { classWeights, requireWeight } from './class-weights.js';
import { labelsOf, readResident } from './resident.js';
import type { Tensors } from './tensors.js';

/**
 * All that is in memory before the first step: the resident samples, classes and their weights, constant tables, the initial weights and state.
 * @returns the checksums of each split, read now, since the file may be gone before the split is needed
 * @throws UserError where the file cannot be read, or no training sample counts
 */
export function fillMemory(
  buffer: SharedArrayBuffer,
  plan: MemoryPlan,
  config: ResolvedConfig,
  dataset: PackedDataset,
  network: Network,
  tensors: Tensors,
  platform: Platform,
): Map<SplitName, Uint32Array> {
  const checksums = new Map<SplitName, Uint32Array>();
  withPackedFile(dataset, platform.files, (file) => {
    readResident(buffer, plan, file);
    for (const split of splitNames) checksums.set(split, file.checksums(split));
  });
  const labels = labelsOf(buffer, plan, dataset, 'train');
  const byClass = classIndex(buffer, plan);
  if (byClass !== undefined) fillClassIndex(byClass, labels);
  const weights = classWeights(config.loss.classWeights, network.classes, labels);
  requireWeight(weights, labels);
  new Float32Array(buffer, plan.classWeights, network.classes).set(weights);
  writeTables(buffer, network, plan);
  for (const state of network.state) tensors.weight(state).fill(state.initial);
  for (const [index, parameter] of network.parameters.entries()) {
    const { init, shape } = parameter;
    if (init.type !== 'whitening')
      initialize(tensors.weight(parameter), parameter, index, config.seed, network.input);
    else {
      withPackedFile(dataset, platform.files, (file) => {
        const samples = normalizedSamples(file, dataset, init.images);
        whiten(tensors.weight(parameter), shape, samples, network.input, init.epsilon);
      });
    }
  }
  return checksums;
}
