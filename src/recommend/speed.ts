import type { ResolvedConfig } from '../config/resolved.js';
import { bytesOfSample, type PackedDataset, perSplit } from '../data/dataset.js';
import { sampleShape, sampleType } from '../data/features.js';
import { checksumsOf } from '../data/packed/checksums.js';
import { hash } from '../numerics/random.js';
import { nodePlatform } from '../platform/node.js';
import type { OpenFile, Platform } from '../platform/platform.js';
import { speedOf } from '../profile/measure.js';
import { Engine } from '../runtime/engine.js';
import { bytesOf } from '../tensors/safetensors.js';

/** Steps of an epoch that is measured, at most. */
const steps = 2;

/**
 * How fast a config trains here, images/s: the median of a few short epochs over samples of noise, which are nowhere but in memory.
 * @param images of an epoch of the training: where they are few, its beginning and end take much of its time
 * @param classes their number
 * @param threads to train on
 */
export async function trainingSpeed(
  config: ResolvedConfig,
  images: number,
  classes: number,
  threads: number,
): Promise<number> {
  const { dataset, files } = noise(config, images, classes);
  const platform: Platform = { ...nodePlatform, files };
  // Of a few samples a class may have none, which a balanced sampler does not allow. It takes no time that could be measured.
  const { training } = config;
  const shuffled: ResolvedConfig = { ...config, training: { ...training, sampler: 'shuffled' } };
  return speedOf(new Engine(shuffled, dataset, { threads }, platform), () => {});
}

function noise({ data, training }: ResolvedConfig, images: number, classes: number) {
  const format = { sampleType: sampleType(data.features), sampleShape: sampleShape(data.features) };
  const samples = Math.min(images, steps * training.batchSize);
  const values = Uint8Array.from({ length: samples * bytesOfSample(format) }, (_, i) => hash(1, i) & 255);
  const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
  const checksums = checksumsOf(values, samples);
  // One behind the other, as in a packed file.
  const bytes = Buffer.concat([values, bytesOf(labels), bytesOf(checksums)]);
  const labelsOffset = values.byteLength;
  const checksumsOffset = labelsOffset + labels.byteLength;
  const dataset: PackedDataset = {
    ...format,
    normalization: { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] },
    path: 'noise',
    key: 'noise',
    classes: Array.from({ length: classes }, (_, label) => `class ${label}`),
    splits: perSplit((split) => ({
      samples: split === 'train' ? samples : 0,
      samplesOffset: 0,
      labelsOffset,
      checksumsOffset,
    })),
    skipped: [],
  };
  return { dataset, files: { ...nodePlatform.files, open: () => inMemory(bytes) } };
}

const inMemory = (bytes: Uint8Array): OpenFile => ({
  read(into, position, offset, length) {
    if (position + length > bytes.length) return false;
    into.set(bytes.subarray(position, position + length), offset);
    return true;
  },
  close: () => {},
});
