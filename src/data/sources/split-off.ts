import type { DataConfig } from '../../config/schema.js';
import { hash, mix } from '../../numerics/random.js';
import { type SplitName, splitNames } from '../dataset.js';
import { counted, dataError } from '../faults.js';
import type { SourceSplit } from '../source.js';
import type { Given } from './form.js';

/** Test is taken first, so that it is the same whether or not the dataset has a validation split. */
const order = ['test', 'validation'] as const;

/**
 * Takes missing splits off train: the config's fraction of each class. A class of 3 images or more gives at least one, and no class gives
 * its last. A hash of (seed, split, image name) selects the images, so the dataset's order does not matter. Entries with the same image
 * stay together, and an image that is listed under two labels stays in train. All splits keep train's order.
 *
 * Throws a UserError where no class has enough images.
 */
export function splitOff(
  dir: string,
  given: Given<SourceSplit> & { readonly train: SourceSplit },
  config: DataConfig['split'],
): { splits: Record<SplitName, SourceSplit>; notes: string[] } {
  const { train } = given;
  const missing = order.filter((split) => given[split] === undefined);
  const splits = { ...given } as Record<SplitName, SourceSplit>;
  if (missing.length === 0) return { splits, notes: [] };
  const classes = imagesByClass(train.labels);
  const names = hashesOfNames(train);
  const ambiguous = underTwoLabels(train, names);
  const owner = new Uint8Array(train.labels.length); // index in `splitNames`; 0 is train
  const notes: string[] = [];
  for (const split of missing) {
    const code = splitNames.indexOf(split);
    const salt = hash(config.seed, code);
    const keys = names.map((name) => mix(salt, name));
    for (const images of classes) {
      const left = images.filter((image) => owner[image] === 0 && ambiguous[image] === 0);
      const count = share(config[split], images.length, left.length);
      for (const image of firstOf(left, count, keys, train)) owner[image] = code;
    }
    splits[split] = subset(train, owner, code);
    const taken = splits[split].labels.length;
    if (taken === 0) {
      throw dataError(
        `${dir}: there is no ${split} split, and no class of train has the 3 images that splitting it off takes.`,
      );
    }
    notes.push(`${split}: ${counted(taken, 'image')} split off train by seed ${config.seed}`);
  }
  splits.train = subset(train, owner, 0);
  return { splits, notes };
}

/** How many images to take of a class that had `all` images and has `left`. */
function share(fraction: number, all: number, left: number): number {
  const wanted = Math.max(Math.round(fraction * all), all >= 3 ? 1 : 0);
  return Math.max(0, Math.min(wanted, left - 1));
}

/** The first images by key; fewer where the cut would separate two entries with the same name. */
function firstOf(images: Int32Array, count: number, keys: Uint32Array, { nameOf }: SourceSplit): Int32Array {
  if (count === 0) return images.subarray(0, 0);
  const byName = (a: number, b: number) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : a - b);
  images.sort((a, b) => keys[a]! - keys[b]! || byName(a, b));
  while (count > 0 && nameOf(images[count - 1]!) === nameOf(images[count]!)) count--;
  return images.subarray(0, count);
}

/** 1 for each image whose name is also listed under another label. */
function underTwoLabels({ labels, nameOf }: SourceSplit, names: Uint32Array): Uint8Array {
  const ambiguous = new Uint8Array(labels.length);
  const byHash = Int32Array.from(labels.keys()).sort((a, b) => names[a]! - names[b]!);
  for (let begin = 0, end = 0; begin < byHash.length; begin = end) {
    const hash = names[byHash[begin]!]!;
    while (end < byHash.length && names[byHash[end]!] === hash) end++;
    const alike = byHash.subarray(begin, end);
    for (const image of alike) {
      if (alike.some((other) => labels[other] !== labels[image] && nameOf(other) === nameOf(image)))
        ambiguous[image] = 1;
    }
  }
  return ambiguous;
}

/** The images of each class, ascending. */
function imagesByClass(labels: Int32Array): Int32Array[] {
  const ends: number[] = [];
  for (const label of labels) ends[label] = (ends[label] ?? 0) + 1;
  const classes = Array.from(ends, (count) => new Int32Array(count ?? 0));
  const filled = new Int32Array(classes.length);
  labels.forEach((label, image) => {
    classes[label]![filled[label]!++] = image;
  });
  return classes;
}

function hashesOfNames({ labels, nameOf }: SourceSplit): Uint32Array {
  return Uint32Array.from(labels, (_, image) => {
    const name = nameOf(image);
    let h = 0;
    for (let i = 0; i < name.length; i++) h = mix(h, name.charCodeAt(i));
    return h;
  });
}

/** The images of `split` whose owner is `code`, in order. */
function subset(split: SourceSplit, owner: Uint8Array, code: number): SourceSplit {
  const images = Int32Array.from(owner.keys()).filter((image) => owner[image] === code);
  return {
    labels: images.map((image) => split.labels[image]!),
    nameOf: (image) => split.nameOf(images[image]!),
    placeOf: (image) => split.placeOf(images[image]!),
    bytesOf: (image) => split.bytesOf(images[image]!),
  };
}
