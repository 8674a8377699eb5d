import { readSafetensorsHeader, readTensor } from '../../tensors/safetensors.js';
import { type PackedDataset, splitNames } from '../dataset.js';
import { type Remarked, remarkWarnings } from '../remarks.js';
import type { Source, SourceSplit } from '../source.js';

/** What is to be said of the images of a packed dataset, at every start: a packing that said it may be long ago. */
export function packedWarnings({ path, skipped, classes }: PackedDataset, source: Source): string[] {
  const { tensors } = readSafetensorsHeader(path);
  const read = (tensor: string) => readTensor(path, tensors.get(tensor)!).data;
  const left = new Set(skipped.map(({ file }) => file));
  const [train, ...others] = splitNames.map((name): Remarked => {
    return { remarks: read(`${name}.remarks`) as Uint8Array, nameOf: namesOfKept(source.splits[name], left) };
  });
  const labels = read('train.labels') as Int32Array;
  const colors = read('train.checksums') as Uint32Array;
  return remarkWarnings({ ...train!, labels, colors }, others, classes);
}

/** Names of a split's images without those that were left out. */
function namesOfKept({ labels, nameOf }: SourceSplit, left: ReadonlySet<string>): (image: number) => string {
  if (left.size === 0) return nameOf;
  const kept = Array.from(labels.keys()).filter((image) => !left.has(nameOf(image)));
  return (image) => nameOf(kept[image]!);
}
