import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { sampleShape, sampleType } from '#lockstep/data/features.js';
import { checksumsOf } from '#lockstep/data/packed/checksums.js';
import { sizeOf } from '#lockstep/graph/shape.js';
import { bytesOf, readSafetensorsHeader, SafetensorsWriter } from '#lockstep/tensors/safetensors.js';

/** Samples that are made and written at a time. */
const piece = 4096;

/** The values of samples that mean nothing, from the value `first` on: bytes in [0, 255], or floats in [0, 1). */
export function noise(type: 'uint8' | 'float32', count: number, first = 0): Uint8Array | Float32Array {
  const values = type === 'uint8' ? new Uint8Array(count) : new Float32Array(count);
  const scale = type === 'uint8' ? 1 : 1 / 256;
  for (let i = 0; i < count; i++) {
    const at = first + i;
    values[i] = (Math.imul(at ^ (at >>> 15), 0x9e3779b1) >>> 24) * scale;
  }
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
  const writer = new SafetensorsWriter(
    path,
    new Map([
      ['samples', { dtype: type === 'uint8' ? 'U8' : 'F32', shape: [samples, ...shape] }],
      ['labels', { dtype: 'I32', shape: [samples] }],
      ['checksums', { dtype: 'U32', shape: [samples] }],
    ]),
  );
  for (let first = 0; first < samples; first += piece) {
    const count = Math.min(piece, samples - first);
    const values = bytesOf(noise(type, count * sizeOf(shape), first * sizeOf(shape)));
    writer.append('samples', values);
    writer.append('checksums', bytesOf(checksumsOf(values, count)));
    writer.append('labels', bytesOf(Int32Array.from({ length: count }, (_, i) => (first + i) % classes)));
  }
  writer.commit();
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
