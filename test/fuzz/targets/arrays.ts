import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type Tensor, writeSafetensors } from '#lockstep/tensors/safetensors.js';
import { damagedBytes, damagedValue } from '../mutations.js';
import { assembled, partsOf } from './safetensors.js';
import { source } from './sources.js';

/** Datasets of arrays: safetensors files of pixels, values and image files. */

const count = 24;
const labels: Tensor = {
  dtype: 'I32',
  shape: [count],
  data: Int32Array.from({ length: count }, (_, i) => i % 3),
};
const kinds: readonly Readonly<Record<string, Tensor>>[] = [
  { images: { dtype: 'U8', shape: [count, 1, 2, 3], data: new Uint8Array(count * 6) }, labels },
  { values: { dtype: 'F32', shape: [count, 5], data: new Float32Array(count * 5) }, labels },
  {
    files: { dtype: 'U8', shape: [count * 4], data: new Uint8Array(count * 4) },
    ends: {
      dtype: 'I64',
      shape: [count],
      data: BigInt64Array.from({ length: count }, (_, i) => BigInt(4 * i + 4)),
    },
    labels,
  },
];

/** A change may put a value into itself, which no JSON holds. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}

export const arrays = source(() => {
  const bases = kinds.map((tensors) => {
    writeSafetensors('base', new Map(Object.entries(tensors)), { classes: '["cat","dog","Ärger"]' });
    return readFileSync('base');
  });
  const file = fc.constantFrom(...bases).chain((base) => {
    const { header, data } = partsOf(base);
    const rebuilt = damagedValue(header).map((value) => assembled(textOf(value), data));
    return fc.oneof(fc.constant(new Uint8Array(base)), damagedBytes(base), rebuilt);
  });
  const perhaps = fc.option(file, { nil: undefined });
  return fc.record({ train: file, validation: perhaps, test: perhaps }).map((splits) => ({
    files: Object.fromEntries(
      Object.entries(splits).flatMap(([split, bytes]) =>
        bytes === undefined ? [] : [[`${split}.safetensors`, bytes]],
      ),
    ),
    config: {},
  }));
});
