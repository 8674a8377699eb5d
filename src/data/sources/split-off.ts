import type { DataConfig } from '../../config/schema.js';
import { hash, mix } from '../../numerics/random.js';
import { type SplitName, splitNames } from '../dataset.js';
import { counted, dataError } from '../faults.js';
import type { SourceSplit } from '../source.js';
import { cutFold } from './folds.js';
import type { Given } from './form.js';
import { hashesOfNames, imagesByClass, namesInOrder, subset, underTwoLabels } from './split-images.js';

/** Test is taken first, so that it is the same whether or not the dataset has a validation split. */
const order = ['test', 'validation'] as const;

/**
 * Takes missing splits off train: the config's fraction of each class. A class of 3 images or more gives at least one, and no class gives
 * its last. A hash of (seed, split, image name) selects the images, so the dataset's order does not matter. Entries with the same image
 * stay together, and an image that is listed under two labels stays in train. All splits keep train's order.
 *
 * With `config.fold` only test is split off; the training and validation images are cut as `cutFold` says.
 *
 * Throws a UserError where no class has enough images.
 */
export function splitOff(
  dir: string,
  given: Given<SourceSplit> & { readonly train: SourceSplit },
  config: DataConfig['split'],
): { splits: Record<SplitName, SourceSplit>; notes: string[] } {
  const { train } = given;
  const { fold } = config;
  const missing = order.filter(
    (split) => given[split] === undefined && !(split === 'validation' && fold !== undefined),
  );
  const splits = { ...given } as Record<SplitName, SourceSplit>;
  if (missing.length === 0 && fold === undefined) return { splits, notes: [] };
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
        `${dir}: there is no ${split} split, and no class of train has the 3 images that splitting it off takes: add images, or a ${split} split of your own`,
        dir,
      );
    }
    notes.push(`${split}: ${counted(taken, 'image')} split off train by seed ${config.seed}`);
  }
  splits.train = subset(train, owner, 0);
  if (fold === undefined) return { splits, notes };
  const folds = cutFold(dir, splits.train, given.validation, { ...fold, seed: config.seed });
  return { splits: { ...splits, ...folds.splits }, notes: [...notes, ...folds.notes] };
}

/** How many images to take of a class that had `all` images and has `left`. */
function share(fraction: number, all: number, left: number): number {
  const wanted = Math.max(Math.round(fraction * all), all >= 3 ? 1 : 0);
  return Math.max(0, Math.min(wanted, left - 1));
}

/** The first images by key; fewer where the cut would separate two entries with the same name. */
function firstOf(images: Int32Array, count: number, keys: Uint32Array, split: SourceSplit): Int32Array {
  if (count === 0) return images.subarray(0, 0);
  const { nameOf } = split;
  images.sort((a, b) => keys[a]! - keys[b]! || namesInOrder(split, a, b));
  while (count > 0 && nameOf(images[count - 1]!) === nameOf(images[count]!)) count--;
  return images.subarray(0, count);
}
