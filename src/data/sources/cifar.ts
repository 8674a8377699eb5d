import { join } from 'node:path';
import type { DataConfig } from '../../config/schema.js';
import type { SplitName } from '../dataset.js';
import { Records } from './cifar-records.js';
import { readFolder } from './folder.js';
import { deciding, type Form, type Found, mapGiven, requireSome } from './form.js';
import { type ClassNames, numberLabels, readClassNames } from './labels.js';

/**
 * The binary files of CIFAR-10 and CIFAR-100 (https://www.cs.toronto.edu/~kriz/cifar.html): records of one or two labels, a byte each,
 * and the image, `[3, 32, 32]`. The files may lie in the folder that the archive unpacks to.
 */

const size = 32;

/** What differs between the two datasets. */
interface Layout {
  readonly archive: string;
  /** The split that a file belongs to, if any. */
  splitOf(file: string): SplitName | undefined;
  readonly holds: string;
  /** Label bytes before an image. */
  readonly labelBytes: number;
  /** Which label byte to use, the file of its class names, and the number of classes if that file is missing. */
  label(config: DataConfig): { at: number; names: string; classes: number };
}

export const cifar10 = formOf({
  archive: 'cifar-10-batches-bin',
  splitOf: (file) =>
    /^data_batch_\d+\.bin$/.test(file) ? 'train' : file === 'test_batch.bin' ? 'test' : undefined,
  holds: 'data_batch_1.bin to data_batch_5.bin, test_batch.bin, batches.meta.txt',
  labelBytes: 1,
  label: () => ({ at: 0, names: 'batches.meta.txt', classes: 10 }),
});

export const cifar100 = formOf({
  archive: 'cifar-100-binary',
  splitOf: (file) => (file === 'train.bin' ? 'train' : file === 'test.bin' ? 'test' : undefined),
  holds: 'train.bin, test.bin, fine_label_names.txt',
  labelBytes: 2,
  label: ({ labels }) =>
    labels === 'fine'
      ? { at: 1, names: 'fine_label_names.txt', classes: 100 }
      : { at: 0, names: 'coarse_label_names.txt', classes: 20 },
});

function formOf(layout: Layout): Form {
  return {
    holds: `${layout.holds}, in it or in ${layout.archive}/`,
    fits: ({ files, folders }) =>
      files.some((file) => layout.splitOf(file) !== undefined) || folders.includes(layout.archive),
    read({ path, folders }, config) {
      return readCifar(folders.includes(layout.archive) ? join(path, layout.archive) : path, layout, config);
    },
  };
}

function readCifar(dir: string, layout: Layout, config: DataConfig): Found {
  const { at, names, classes } = layout.label(config);
  const given: Partial<Record<SplitName, Records>> = {};
  // By length of the name first, so that batch 10 comes after batch 9.
  const files = [...readFolder(dir).files].sort((a, b) => a.length - b.length);
  for (const file of files) {
    const split = layout.splitOf(file);
    if (split === undefined) continue;
    given[split] ??= new Records(dir, layout.labelBytes, 3 * size * size);
    given[split].addFile(file, at);
  }
  requireSome(dir, given, layout.holds);
  const numbering = numberLabels({
    texts: Array.from({ length: 256 }, (_, byte) => String(byte)),
    ...deciding(given, (records) => records.labels),
    names: readClassNames(dir, names) ?? unnamed(classes, layout.archive),
  });
  return {
    dir,
    classes: numbering.classes,
    splits: mapGiven(given, (records) => records.toSplit(numbering)),
    encoding: { type: 'planarRgb', width: size, height: size },
    notes: numbering.notes,
    uses: new Set(files.filter((file) => layout.splitOf(file) !== undefined)),
  };
}

function unnamed(classes: number, file: string): ClassNames {
  return { file, names: Array.from({ length: classes }, (_, i) => `class ${i}`) };
}
