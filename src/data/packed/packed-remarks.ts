import { readSafetensorsHeader, readTensor } from '../../tensors/safetensors.js';
import { type PackedDataset, splitNames } from '../dataset.js';
import { namesOfPacked } from '../image-names.js';
import { type Remarked, remarkWarnings } from '../remarks.js';
import type { Source } from '../source.js';

/** What is to be said of the images of a packed dataset, at every start: a packing that said it may be long ago. */
export function packedWarnings({ path, skipped, classes }: PackedDataset, source: Source): string[] {
  const { tensors } = readSafetensorsHeader(path);
  const read = (tensor: string) => readTensor(path, tensors.get(tensor)!).data;
  const [train, ...others] = splitNames.map((name): Remarked => {
    const nameOf = namesOfPacked(source.splits[name], skipped);
    return { remarks: read(`${name}.remarks`) as Uint8Array, nameOf };
  });
  const labels = read('train.labels') as Int32Array;
  const colors = read('train.checksums') as Uint32Array;
  return remarkWarnings({ ...train!, labels, colors }, others, classes);
}
