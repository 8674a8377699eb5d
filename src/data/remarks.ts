import type { FeaturesConfig } from '../config/schema.js';
import { counted, listed } from './faults.js';

/** Remarks on usable images: assumptions made while decoding, which the owner of the images should know. */

/** One bit each: one byte of the packed file holds an image's remarks. */
export const remarks = {
  /** The decoder warned of damage, and went on. */
  damaged: 1,
  /** Floats, none above 1: 1 is white. */
  floatsToOne: 2,
  /** Floats or 32-bit integers, none above 255: 255 is white. */
  valuesTo255: 4,
  /** Floats or 32-bit integers, none above 65,535: 65,535 is white. */
  valuesTo65535: 8,
  /** 16 bits, no value above 255: 255 is white. */
  shortsTo255: 16,
  /** 16 bits, no value above 4,095, with 65,535 as white. */
  dark: 32,
  /** All pixels of the sample are the same. */
  oneColor: 64,
} as const;

/** The warning for each bit. Images of one colour are reported by class instead. */
const remarkWords: readonly (readonly [bit: number, words: string])[] = [
  [remarks.damaged, 'damaged, and decoded all the same: the decoder only warns'],
  [remarks.floatsToOne, 'floats of 0 to 1, of which 1 is taken as white'],
  [remarks.valuesTo255, 'floats or 32-bit numbers of 0 to 255, of which 255 is taken as white'],
  [remarks.valuesTo65535, 'floats or 32-bit numbers of 0 to 65,535, of which 65,535 is taken as white'],
  [remarks.shortsTo255, '16 bits, but no value above 255, which is taken as white'],
  [remarks.dark, '16 bits, but no value above 4,095 of 65,535: nearly black'],
];

/** How many images or classes a warning names by default. */
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
  /** Only for images of one colour: equal for equal colours. */
  readonly colors: ArrayLike<number>;
}

/** The warnings about a dataset's images, one sentence each; a sentence names at most `most` images. */
export function remarkWarnings(
  train: Coloured,
  others: readonly Remarked[],
  classes: readonly string[],
  most = shown,
): string[] {
  const warnings = remarkWords.flatMap(([bit, words]) => {
    const names = [train, ...others].flatMap(({ remarks: bits, nameOf }) =>
      Array.from(bits.keys())
        .filter((image) => (bits[image]! & bit) !== 0)
        .map(nameOf),
    );
    return names.length === 0 ? [] : [`${counted(names.length, 'image')}: ${words}: ${someOf(names, most)}`];
  });
  return [...warnings, ...oneColorWarnings(train, classes, most)];
}

/** Warns of classes, or a whole dataset, whose training images all have one colour: nothing can be learned from them. */
function oneColorWarnings(
  { remarks: bits, labels, colors }: Coloured,
  classes: readonly string[],
  mostNames: number,
): string[] {
  const [images, plain] = [new Uint32Array(classes.length), new Uint32Array(classes.length)];
  const first = new Map<number, number>();
  const counts = new Map<number, number>();
  for (const [i, label] of labels.entries()) {
    images[label]!++;
    if ((bits[i]! & remarks.oneColor) === 0) continue;
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

/** Whether all pixels of a sample are the same; for a histogram, whether they are all in the same bins. Values have no colour. */
export function isOneColor(sample: Uint8Array, features: FeaturesConfig): boolean {
  if (features.type === 'values') return false;
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
