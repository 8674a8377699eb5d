import { mix } from '../../numerics/random.js';
import type { SourceSplit } from '../source.js';

/** The images of a split, as cutting it into others sees them. */

/** The order of two images by name, then by number. */
export function namesInOrder({ nameOf }: SourceSplit, a: number, b: number): number {
  const [nameA, nameB] = [nameOf(a), nameOf(b)];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : a - b;
}

/** 1 for each image whose name is also listed under another label. */
export function underTwoLabels({ labels, nameOf }: SourceSplit, names: Uint32Array): Uint8Array {
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
export function imagesByClass(labels: Int32Array): Int32Array[] {
  const ends: number[] = [];
  for (const label of labels) ends[label] = (ends[label] ?? 0) + 1;
  const classes = Array.from(ends, (count) => new Int32Array(count ?? 0));
  const filled = new Int32Array(classes.length);
  labels.forEach((label, image) => {
    classes[label]![filled[label]!++] = image;
  });
  return classes;
}

export function hashesOfNames({ labels, nameOf }: SourceSplit): Uint32Array {
  return Uint32Array.from(labels, (_, image) => {
    const name = nameOf(image);
    let h = 0;
    for (let i = 0; i < name.length; i++) h = mix(h, name.charCodeAt(i));
    return h;
  });
}

/** The images of `split` whose owner is `code`, in order. */
export function subset(split: SourceSplit, owner: Uint8Array, code: number): SourceSplit {
  const images = Int32Array.from(owner.keys()).filter((image) => owner[image] === code);
  return {
    labels: images.map((image) => split.labels[image]!),
    nameOf: (image) => split.nameOf(images[image]!),
    placeOf: (image) => split.placeOf(images[image]!),
    bytesOf: (image) => split.bytesOf(images[image]!),
  };
}
