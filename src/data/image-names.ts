import type { PackedDataset, SplitName } from './dataset.js';
import type { Source, SourceSplit } from './source.js';

/** Names of a packed dataset's images. The packed file holds none: the source is read at every start. */

/** What the images of a packed split are called: those of the source in order, without the ones that were left out. */
export function namesOfPacked(
  { labels, nameOf }: SourceSplit,
  skipped: PackedDataset['skipped'],
): (index: number) => string {
  if (skipped.length === 0) return nameOf;
  const left = new Set(skipped.map(({ file }) => file));
  const kept = Int32Array.from(labels.keys()).filter((image) => !left.has(nameOf(image)));
  return (index) => nameOf(kept[index]!);
}

/** Gives a packed dataset its `nameOf`. Not enumerable, so that a copy for another thread goes without it: a function cannot be sent. */
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
