import type { PackedDataset, SplitName } from './dataset.js';
import type { Source, SourceSplit } from './source.js';

/** Names of a packed dataset's images. The packed file holds none: the source is read at every start. */

/** The names of a packed split's images: the source's, in order, without the skipped ones. */
export function namesOfPacked(
  { labels, nameOf }: SourceSplit,
  skipped: PackedDataset['skipped'],
): (index: number) => string {
  if (skipped.length === 0) return nameOf;
  const skippedFiles = new Set(skipped.map(({ file }) => file));
  const packed = Int32Array.from(labels.keys()).filter((image) => !skippedFiles.has(nameOf(image)));
  return (index) => nameOf(packed[index]!);
}

/** Gives a packed dataset its `nameOf`. It is not enumerable: a function cannot be sent to a thread, so copies must leave it out. */
export function withNames(dataset: PackedDataset, { splits }: Source): PackedDataset {
  const names = new Map<SplitName, (index: number) => string>();
  const namesOf = (split: SplitName) => {
    const known = names.get(split) ?? namesOfPacked(splits[split], dataset.skipped);
    names.set(split, known);
    return known;
  };
  const nameOf: PackedDataset['nameOf'] = (split, index) =>
    index < dataset.splits[split].samples ? namesOf(split)(index) : undefined;
  return Object.defineProperty(dataset, 'nameOf', { value: nameOf });
}
