import type { FeaturesConfig } from '../config/schema.js';
import { counted, listed } from './faults.js';

/** Remarks on images that can be used: the sample is right if the assumption in the remark is what the owner meant. */

/** A bit each, so that one byte of the packed file holds an image's remarks. */
export const remarks = {
  /** The decoder warned of damage, and went on. */
  damaged: 1,
  /** Floats, none above 1: 1 is white. */
  floatsToOne: 2,
  /** Floats or integers of 32 bits, none above 255: 255 is white. */
  valuesTo255: 4,
  /** The same, none above 65,535: 65,535 is white. */
  valuesTo65535: 8,
  /** 16 bits, no value above 255: 255 is white. */
  shortsTo255: 16,
  /** 16 bits, no value above 4,095, with 65,535 as white. */
  dark: 32,
  /** All pixels of the sample are the same. */
  oneColor: 64,
} as const;

/** The remark on images that have the bit. (Images of one colour are reported by class.) */
const remarkWords: readonly (readonly [bit: number, words: string])[] = [
  [remarks.damaged, 'damaged, and decoded all the same: the decoder only warns'],
  [remarks.floatsToOne, 'floats of 0 to 1, of which 1 is taken as white'],
  [remarks.valuesTo255, 'floats or 32-bit numbers of 0 to 255, of which 255 is taken as white'],
  [remarks.valuesTo65535, 'floats or 32-bit numbers of 0 to 65,535, of which 65,535 is taken as white'],
  [remarks.shortsTo255, '16 bits, but no value above 255, which is taken as white'],
  [remarks.dark, '16 bits, but no value above 4,095 of 65,535: nearly black'],
];

/** Images and classes that a warning names by default. */
const shown = 5;

/** The images of a split. */
export interface Remarked {
  /** Bits, `[images]`. */
  readonly remarks: Uint8Array;
  nameOf(image: number): string;
}

/** Training images. */
export interface Coloured extends Remarked {
  readonly labels: Int32Array;
  /** Of images of one colour, equal where the colour is. */
  readonly colors: ArrayLike<number>;
}

/** The remarks on a dataset's images, a sentence each, which names `most` of them. */
export function remarkWarnings(
  train: Coloured,
  others: readonly Remarked[],
  classes: readonly string[],
  most = shown,
): string[] {
  const said = remarkWords.flatMap(([bit, words]) => {
    const names = [train, ...others].flatMap(({ remarks: own, nameOf }) =>
      Array.from(own.keys())
        .filter((image) => (own[image]! & bit) !== 0)
        .map(nameOf),
    );
    return names.length === 0 ? [] : [`${counted(names.length, 'image')}: ${words}: ${someOf(names, most)}`];
  });
  return [...said, ...oneColorWarnings(train, classes, most)];
}

/** Of classes, and of a dataset, whose training images are of one and the same colour: nothing can be learned of them. */
function oneColorWarnings(
  { remarks: own, labels, colors }: Coloured,
  classes: readonly string[],
  mostNames: number,
): string[] {
  const [images, plain] = [new Uint32Array(classes.length), new Uint32Array(classes.length)];
  const first = new Map<number, number>();
  const counts = new Map<number, number>();
  for (const [i, label] of labels.entries()) {
    images[label]!++;
    if ((own[i]! & remarks.oneColor) === 0) continue;
    const color = colors[i]!;
    counts.set(color, (counts.get(color) ?? 0) + 1);
    if (!first.has(label)) first.set(label, color);
    if (first.get(label) === color) plain[label]!++;
  }
  const most = Math.max(0, ...counts.values());
  if (most > 1 && 2 * most > labels.length) {
    return [`${most} of ${counted(labels.length, 'training image')} are of one and the same colour`];
  }
  const names = classes.filter((_, label) => images[label]! > 1 && plain[label] === images[label]);
  if (names.length === 0) return [];
  return [
    `all training images of ${names.length === 1 ? 'a class' : `${names.length} classes`} are of one and the same colour: ${someOf(names, mostNames)}`,
  ];
}

const someOf = (names: readonly string[], most: number): string =>
  listed(names, most, ', ').replaceAll('\n', '\\n');

/** Whether all pixels of a sample are the same; of a histogram, whether they are in the same bins. */
export function isOneColor(sample: Uint8Array, features: FeaturesConfig): boolean {
  if (features.type === 'colorHistogram') {
    const bins = new Float32Array(sample.buffer, sample.byteOffset, 3 * features.bins);
    return bins.reduce((count, share) => count + Number(share !== 0), 0) === 3;
  }
  const pixels = sample.length / 3;
  for (let c = 0; c < 3; c++) {
    for (let i = 1; i < pixels; i++) if (sample[c * pixels + i] !== sample[c * pixels]) return false;
  }
  return true;
}
