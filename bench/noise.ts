import { checksumsOf } from '#lockstep/data/checksums.js';
import { sampleShape, sampleType } from '#lockstep/data/features.js';
import type { PackedDataset, ResolvedConfig } from '#lockstep/index.js';
import { writeSafetensors } from '#lockstep/index.js';
import { sizeOf } from '#lockstep/model/shape.js';
import { bytesOf, readSafetensorsHeader } from '#lockstep/tensors/safetensors.js';

/** The values of samples that mean nothing: bytes in [0, 255], or floats in [0, 1). */
export function noise(type: 'uint8' | 'float32', count: number): Uint8Array | Float32Array {
  const values = type === 'uint8' ? new Uint8Array(count) : new Float32Array(count);
  const scale = type === 'uint8' ? 1 : 1 / 256;
  for (let i = 0; i < count; i++) values[i] = (Math.imul(i ^ (i >>> 15), 0x9e3779b1) >>> 24) * scale;
  return values;
}

/** A packed dataset of noise, all of it for training. */
export function writeNoise(
  path: string,
  { data }: ResolvedConfig,
  samples: number,
  classes: number,
): PackedDataset {
  const shape = sampleShape(data.features);
  const type = sampleType(data.features);
  const values = noise(type, samples * sizeOf(shape));
  const labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
  writeSafetensors(
    path,
    new Map([
      ['samples', { dtype: type === 'uint8' ? 'U8' : 'F32', shape: [samples, ...shape], data: values }],
      ['labels', { dtype: 'I32', shape: [samples], data: labels }],
      ['checksums', { dtype: 'U32', shape: [samples], data: checksumsOf(bytesOf(values), samples) }],
    ]),
  );
  const { tensors } = readSafetensorsHeader(path);
  const train = {
    samples,
    samplesOffset: tensors.get('samples')!.begin,
    labelsOffset: tensors.get('labels')!.begin,
    checksumsOffset: tensors.get('checksums')!.begin,
  };
  const few = { ...train, samples: 8 };
  return {
    path,
    key: 'noise',
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    sampleType: type,
    sampleShape: shape,
    normalization:
      type === 'uint8'
        ? { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] }
        : { mean: [], deviation: [] },
    splits: { train, validation: few, test: few },
    skipped: [],
  };
}
