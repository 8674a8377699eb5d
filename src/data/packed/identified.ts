import { perSplit, type SplitName } from '../dataset.js';
import type { Source, SourceSplit } from '../source.js';
import type { BadImage } from './rows.js';
import { identitiesOf, type Stamps } from './stamps.js';

/** A source whose images have their identities, `[images]`. */
export interface Identified extends Source {
  readonly splits: Readonly<Record<SplitName, IdentifiedSplit>>;
}

interface IdentifiedSplit extends SourceSplit {
  readonly identities: BigUint64Array;
}

export function identified(source: Source, stamps: Stamps): Identified {
  const splits = perSplit((name) => {
    const split = source.splits[name];
    return { ...split, identities: identitiesOf(split, stamps[name]) };
  });
  return { ...source, splits };
}

/** The source without some of its images. */
export function without(source: Identified, bad: readonly BadImage[]): Identified {
  const splits = perSplit((name) => {
    const left = new Set(bad.filter(({ split }) => split === name).map(({ index }) => index));
    return left.size === 0 ? source.splits[name] : thinned(source.splits[name], left);
  });
  return { ...source, splits };
}

function thinned(split: IdentifiedSplit, left: ReadonlySet<number>): IdentifiedSplit {
  const isKept = (_: unknown, image: number) => !left.has(image);
  const kept = Int32Array.from(split.labels.keys()).filter(isKept);
  return {
    labels: split.labels.filter(isKept),
    identities: split.identities.filter(isKept),
    nameOf: (image) => split.nameOf(kept[image]!),
    placeOf: (image) => split.placeOf(kept[image]!),
    bytesOf: (image) => split.bytesOf(kept[image]!),
  };
}
