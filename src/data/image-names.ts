import type { PackedDataset } from './dataset.js';
import type { Source } from './source.js';

/**
 * Gives a packed dataset the names of its images. The packed file holds none: its samples are the source's images in order, without those
 * that were left out, and the source is read at every start. Not enumerable, so that a copy for another thread goes without it: a
 * function cannot be sent.
 */
export function withNames(dataset: PackedDataset, source: Source): PackedDataset {
  const skipped = new Set(dataset.skipped.map(({ file }) => file));
  const nameOf: PackedDataset['nameOf'] = (split, index) => {
    const { labels, nameOf } = source.splits[split];
    if (skipped.size === 0) return index < labels.length ? nameOf(index) : undefined;
    let kept = -1;
    for (let image = 0; image < labels.length; image++) {
      const name = nameOf(image);
      if (!skipped.has(name) && ++kept === index) return name;
    }
    return undefined;
  };
  return Object.defineProperty(dataset, 'nameOf', { value: nameOf });
}
