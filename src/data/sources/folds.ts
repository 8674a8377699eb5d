import { hash, mix } from '../../numerics/random.js';
import { splitNames } from '../dataset.js';
import { counted, dataError } from '../faults.js';
import type { SourceSplit } from '../source.js';
import { hashesOfNames, imagesByClass, namesInOrder, subset, underTwoLabels } from './split-images.js';

/** A cut of the training and validation images into folds, of which one validates. */
export interface FoldChoice {
  /** Of the fold that validates, from 1. */
  readonly index: number;
  /** Number of folds. */
  readonly of: number;
  readonly seed: number;
}

/** Beside the splits' own: no two cuts share their random numbers. */
const foldCode = splitNames.length;

/**
 * Cuts the images of train and validation together into stratified folds: each class's images, by a hash of (seed, image name), are dealt
 * to the folds in turn, and the next class begins with the fold after. So each class, and the whole, differs by at most one image from
 * fold to fold, and every fold has the same cut. Entries with the same image stay together. An image under two labels, or the only one of
 * its class, always trains.
 *
 * Throws a UserError where no class has an image for this fold.
 */
export function cutFold(
  dir: string,
  train: SourceSplit,
  validation: SourceSplit | undefined,
  { index, of, seed }: FoldChoice,
): { splits: { train: SourceSplit; validation: SourceSplit }; notes: string[] } {
  const pool = validation === undefined ? train : joined(train, validation);
  const names = hashesOfNames(pool);
  const ambiguous = underTwoLabels(pool, names);
  const salt = hash(seed, foldCode);
  const keys = names.map((name) => mix(salt, name));
  const isValidating = new Uint8Array(pool.labels.length);
  let next = 0;
  let small = 0;
  for (const images of imagesByClass(pool.labels)) {
    const dealt = images.filter((image) => ambiguous[image] === 0);
    dealt.sort((a, b) => keys[a]! - keys[b]! || namesInOrder(pool, a, b));
    const groups = groupsOf(dealt, pool);
    if (images.length > 0 && groups.length < of) small++;
    if (groups.length < 2) continue;
    for (const group of groups) {
      if (next % of === index - 1) for (const image of group) isValidating[image] = 1;
      next++;
    }
  }
  const splits = { train: subset(pool, isValidating, 0), validation: subset(pool, isValidating, 1) };
  const size = splits.validation.labels.length;
  if (size === 0)
    throw dataError(
      `${dir}: fold ${index} of ${of} has no image; fewer folds are needed (data.split.fold).`,
      dir,
    );
  const notes = [
    `validation: fold ${index} of ${of}, ${counted(size, 'image')} of train and validation, by seed ${seed}`,
  ];
  if (small > 0) {
    const which = small === 1 ? '1 class has' : `${small} classes have`;
    notes.push(`${which} fewer images than there are folds: not every fold validates each class`);
  }
  return { splits, notes };
}

/** Neighbours with the same name together. */
function groupsOf(images: Int32Array, { nameOf }: SourceSplit): number[][] {
  const groups: number[][] = [];
  for (const image of images) {
    const last = groups.at(-1);
    if (last !== undefined && nameOf(last[0]!) === nameOf(image)) last.push(image);
    else groups.push([image]);
  }
  return groups;
}

/** The images of `a`, then those of `b`. */
function joined(a: SourceSplit, b: SourceSplit): SourceSplit {
  const before = a.labels.length;
  const labels = new Int32Array(before + b.labels.length);
  labels.set(a.labels);
  labels.set(b.labels, before);
  return {
    labels,
    nameOf: (image) => (image < before ? a.nameOf(image) : b.nameOf(image - before)),
    placeOf: (image) => (image < before ? a.placeOf(image) : b.placeOf(image - before)),
    bytesOf: (image) => (image < before ? a.bytesOf(image) : b.bytesOf(image - before)),
  };
}

/** Images that a fold validates, from 1, where `images` with different names are dealt. */
export const foldSize = (images: number, { index, of }: { index: number; of: number }): number =>
  Math.ceil(Math.max(0, images - (index - 1)) / of);
