import { join } from 'node:path';
import type { SplitName } from '../dataset.js';
import { counted, dataError, listed } from '../faults.js';
import type { Encoding, SourceSplit } from '../source.js';
import { deciding, type Form, type Given, mapGiven, requireSome } from './form.js';
import { headerBytes, openIdx, readBytes } from './idx-file.js';
import { type Numbering, numberLabels, readClassNames } from './labels.js';
import { requireNoClash, splitsOfWords, splitWordIn } from './split-names.js';

/**
 * A dataset with MNIST's files (http://yann.lecun.com/exdb/mnist): `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and `t10k-...`
 * for test, with a dot or a dash before `idx`, plain or gzipped. The names may have a prefix, as EMNIST's do
 * (`emnist-letters-train-images-idx3-ubyte`).
 */

const name = /^(?<before>.*)-(?<kind>images|labels)[-.]idx[13]-ubyte(?:\.gz)?$/i;
const shownFaults = 20;

interface Pair {
  images?: string;
  labels?: string;
}

export const idx: Form = {
  holds: 'train-images-idx3-ubyte, train-labels-idx1-ubyte, and t10k-... for test, each also as .gz',

  fits: ({ files }) => files.some((file) => partsOf(file) !== undefined),

  async read({ path: dir, files }, { cache, maxPixels }) {
    const pairs = pairsAmong(dir, files);
    requireSome(dir, pairs, idx.holds);
    const opened: Partial<Record<SplitName, IdxSplit>> = {};
    for (const [split, pair] of Object.entries(pairs) as [SplitName, Pair][]) {
      opened[split] = await openPair(dir, split, pair, cache);
    }
    const splits: Given<IdxSplit> = opened;
    const encoding = encodingOf(dir, splits, maxPixels);
    const numbering = numberLabels({
      texts: Array.from({ length: 256 }, (_, byte) => String(byte)),
      ...deciding(
        splits,
        ({ labels }) => labels,
        (split) => pairs[split]!.labels!,
      ),
      names: readClassNames(dir),
      mayBeginAtOne: true,
    });
    return {
      dir,
      classes: numbering.classes,
      splits: mapGiven(splits, (split) => toSplit(dir, split, numbering)),
      encoding,
      notes: numbering.notes,
      uses: new Set(files.filter((file) => partsOf(file) !== undefined)),
    };
  },
};

interface Parts {
  /** The prefix before the split's word, such as `emnist-letters-`; mostly ''. */
  readonly set: string;
  readonly word: string;
  readonly kind: keyof Pair;
}

/** The parts of a file's name; undefined where it is no IDX file's name. */
function partsOf(file: string): Parts | undefined {
  const { before = '', kind } = name.exec(file)?.groups ?? {};
  if (kind === undefined) return undefined;
  const word = /[^-_. ]*$/.exec(before)![0];
  if (splitWordIn(word) === undefined) return undefined;
  return { set: before.slice(0, -word.length), word, kind: kind.toLowerCase() as keyof Pair };
}

/** The files of each split. Where a file is both plain and gzipped, the plain one is taken. */
function pairsAmong(dir: string, files: readonly string[]): Given<Pair> {
  const found = files.flatMap((file) => {
    const parts = partsOf(file);
    return parts === undefined ? [] : [{ file, ...parts }];
  });
  const sets = [...new Set(found.map(({ set }) => set))];
  if (sets.length > 1) {
    const all = sets.map((set) => `${set}train-...`).join(', ');
    throw dataError(
      `${dir}: found files of ${counted(sets.length, 'dataset')} (${all}); expected those of one: put them into a folder of their own.`,
      dir,
    );
  }
  const splitOf = splitsOfWords(found.map(({ word }) => word));
  requireNoClash(dir, splitOf);
  const pairs: Partial<Record<SplitName, Pair>> = {};
  for (const { file, word, kind } of found.sort((a, b) => a.file.length - b.file.length)) {
    const split = splitOf.of(word);
    if (split === undefined) continue;
    pairs[split] ??= {};
    pairs[split][kind] ??= file;
  }
  return pairs;
}

interface IdxSplit {
  /** Path of the images' file, unzipped. */
  readonly path: string;
  /** Path of the images' file in the dataset. */
  readonly original: string;
  /** File names, the images' without `.gz`. */
  readonly imagesName: string;
  readonly labelsName: string;
  readonly height: number;
  readonly width: number;
  /** One byte per image. */
  readonly labels: Uint8Array;
}

async function openPair(dir: string, split: SplitName, pair: Pair, cache: string): Promise<IdxSplit> {
  const { images, labels } = pair;
  if (images === undefined || labels === undefined) {
    const [there, missing] = images === undefined ? [labels, 'images'] : [images, 'labels'];
    throw dataError(
      `${dir}: found ${there} without its ${missing}; expected both, or none, for ${split}.`,
      dir,
    );
  }
  const labelFile = await openIdx(dir, labels, 1, cache);
  const imageFile = await openIdx(dir, images, 3, cache);
  const [count = 0, height = 0, width = 0] = imageFile.sizes;
  if (count !== labelFile.sizes[0]) {
    throw dataError(
      `${join(dir, images)}: found ${counted(count, 'image')}, but ${counted(labelFile.sizes[0]!, 'label')} in ${labels}.`,
      join(dir, images),
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

/** The encoding, which must be the same in all splits. */
function encodingOf(dir: string, splits: Given<IdxSplit>, maxPixels: number): Encoding {
  const all = Object.values(splits);
  const first = (splits.train ?? all[0])!;
  const { height, width } = first;
  for (const split of all) {
    if (split.height !== height || split.width !== width) {
      throw dataError(
        `${join(dir, split.imagesName)}: found images of ${split.height} x ${split.width}, expected ${height} x ${width} as in ${first.imagesName}.`,
        join(dir, split.imagesName),
      );
    }
  }
  if (height * width > maxPixels) {
    throw dataError(
      `${join(dir, first.imagesName)}: found images of ${height} x ${width}, expected at most ${maxPixels} pixels (data.maxPixels).`,
      join(dir, first.imagesName),
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
