import { join } from 'node:path';
import type { SplitName } from '../dataset.js';
import { counted, dataError, listed } from '../faults.js';
import type { Encoding, SourceSplit } from '../source.js';
import { type Form, type Given, mapGiven, requireTrain } from './form.js';
import { headerBytes, openIdx, readBytes } from './idx-file.js';
import { type Numbering, numberLabels, readClassNames } from './labels.js';
import { anySplitWord, splitOfWord } from './split-names.js';

/**
 * Files as of MNIST (http://yann.lecun.com/exdb/mnist): `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and `t10k-` for test,
 * with a dot or a dash before `idx`, plain or gzipped. A header (a magic number and the sizes, uint32 big-endian), then bytes.
 */

const name = new RegExp(`^(t10k|${anySplitWord})-(images|labels)[-.]idx[13]-ubyte(\\.gz)?$`);
const shownFaults = 20;

interface Pair {
  images?: string;
  labels?: string;
}

export const idx: Form = {
  holds: 'train-images-idx3-ubyte, train-labels-idx1-ubyte, and t10k-... for test, each also as .gz',

  recognises: ({ files }) => files.some((file) => name.test(file)),

  async read({ path: dir, files }, { cache, maxPixels }) {
    const pairs = requireTrain(dir, pairsAmong(files), idx.holds);
    const opened: Partial<Record<SplitName, IdxSplit>> = {};
    for (const [split, pair] of Object.entries(pairs) as [SplitName, Pair][]) {
      opened[split] = await openPair(dir, split, pair, cache);
    }
    const splits = opened as Given<IdxSplit>;
    const encoding = encodingOf(dir, splits, maxPixels);
    const numbering = numberLabels({
      texts: Array.from({ length: 256 }, (_, byte) => String(byte)),
      train: splits.train.labels,
      trainName: pairs.train.labels!,
      names: readClassNames(dir),
    });
    return {
      dir,
      classes: numbering.classes,
      splits: mapGiven(splits, (split) => toSplit(dir, split, numbering)),
      encoding,
      notes: numbering.notes,
    };
  },
};

/** Of a file that is there plain and gzipped, the plain one. */
function pairsAmong(files: readonly string[]): Partial<Record<SplitName, Pair>> {
  const pairs: Partial<Record<SplitName, Pair>> = {};
  const plainFirst = [...files].sort((a, b) => a.length - b.length);
  for (const file of plainFirst) {
    const [, word, kind] = name.exec(file) ?? [];
    if (word === undefined) continue;
    const split = word === 't10k' ? 'test' : splitOfWord(word)!;
    pairs[split] ??= {};
    pairs[split][kind as keyof Pair] ??= file;
  }
  return pairs;
}

interface IdxSplit {
  /** Of the images, unzipped. */
  readonly path: string;
  /** Of the images, as the dataset has them. */
  readonly original: string;
  /** As the dataset calls them, without `.gz`. */
  readonly imagesName: string;
  readonly labelsName: string;
  readonly height: number;
  readonly width: number;
  /** A byte an image. */
  readonly labels: Uint8Array;
}

async function openPair(dir: string, split: SplitName, pair: Pair, cache: string): Promise<IdxSplit> {
  const { images, labels } = pair;
  if (images === undefined || labels === undefined) {
    const [there, missing] = images === undefined ? [labels, 'images'] : [images, 'labels'];
    throw dataError(`${dir}: found ${there} without its ${missing}; expected both, or none, for ${split}.`);
  }
  const labelFile = await openIdx(dir, labels, 1, cache);
  const imageFile = await openIdx(dir, images, 3, cache);
  const [count = 0, height = 0, width = 0] = imageFile.sizes;
  if (count !== labelFile.sizes[0]) {
    throw dataError(
      `${join(dir, images)}: found ${counted(count, 'image')}, but ${counted(labelFile.sizes[0]!, 'label')} in ${labels}.`,
    );
  }
  return {
    path: imageFile.path,
    original: join(dir, images),
    imagesName: images.replace(/\.gz$/, ''),
    labelsName: labels,
    height,
    width,
    labels: readBytes(labelFile.path, count),
  };
}

/** Of all splits the same. */
function encodingOf(dir: string, splits: Given<IdxSplit>, maxPixels: number): Encoding {
  const { height, width } = splits.train;
  for (const split of Object.values(splits)) {
    if (split.height !== height || split.width !== width) {
      throw dataError(
        `${join(dir, split.imagesName)}: found images of ${split.height} x ${split.width}, expected ${height} x ${width} as in ${splits.train.imagesName}.`,
      );
    }
  }
  if (height * width > maxPixels) {
    throw dataError(
      `${join(dir, splits.train.imagesName)}: found images of ${height} x ${width}, expected at most ${maxPixels} pixels (data.maxPixels).`,
    );
  }
  return { type: 'gray', height, width };
}

function toSplit(dir: string, split: IdxSplit, { labelsOf }: Numbering): SourceSplit {
  const length = split.height * split.width;
  const faults: string[] = [];
  const labels = labelsOf(split.labels, (image, what) => {
    faults.push(`${join(dir, split.labelsName)}#${image}: ${what}`);
  });
  if (faults.length > 0) throw dataError(listed(faults, shownFaults));
  return {
    labels,
    nameOf: (image) => `${split.imagesName}#${image}`,
    placeOf: () => undefined,
    bytesOf: (image) => ({
      file: split.path,
      original: split.original,
      part: { begin: headerBytes(3) + image * length, length },
    }),
  };
}
