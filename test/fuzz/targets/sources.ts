import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { DataConfig } from '#lockstep/config/schema.js';
import { splitNames } from '#lockstep/data/dataset.js';
import { openSource } from '#lockstep/data/sources/open.js';
import { pixelsConfig } from '../../support/data-helpers.js';
import { damagedBytes, damagedText, extremes, oddTexts } from '../mutations.js';
import { type Target, target } from '../target.js';

/** Datasets as folders: lists, csv, folders of classes, IDX and CIFAR files. Names, labels and headers are read, and no image. */

export type Files = Readonly<Record<string, Uint8Array>>;
type Own = Partial<DataConfig>;
export interface Folder {
  readonly files: Files;
  readonly config: Own;
}

/** Opens the dataset and requires that what is found can be used: labels are classes, images lie in the folder. */
export const source = (cases: () => fc.Arbitrary<Folder>): Target =>
  target({
    cases,
    async run({ files, config }: Folder, folder) {
      mkdirSync('set');
      for (const [name, bytes] of Object.entries(files)) tryToPut(join('set', name), bytes);
      const { classes, splits, encoding } = await openSource({ ...pixelsConfig('.'), ...config });
      for (const split of splitNames) {
        const { labels, nameOf, placeOf, bytesOf } = splits[split];
        assert.ok(labels.length > 0, `${split} is empty`);
        for (const [image, label] of labels.entries()) {
          assert.type(classes[label], 'string', `label ${label} of ${classes.length} classes`);
          assert.type(nameOf(image), 'string');
          placeOf(image);
          const { file, part } = bytesOf(image);
          assert.ok(resolve(file).startsWith(`${folder}${sep}`), `${file} lies outside`);
          const end = part === undefined ? 0 : part.begin + part.length;
          assert.ok(part === undefined ? encoding.type === 'file' : part.begin >= 0 && part.length >= 0);
          assert.ok(part === undefined || end <= statSync(file).size);
        }
      }
    },
  });

/** No file system takes every name. */
function tryToPut(path: string, bytes: Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  } catch {
    // Then users do not have it either.
  }
}

const none = new Uint8Array(0);
const rows = (separator: string, labels: readonly string[]) =>
  labels.map((label, i) => `images/${i % 7}/${i}.png${separator}${label}\n`).join('');
const numbers = Array.from({ length: 24 }, (_, i) => String(i % 3));
const names = numbers.map((number) => ['cat', 'dog', 'Ärger'][Number(number)]!);
const classes = damagedText('cat\ndog\nÄrger\n');
const perhaps = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
/** Only those that are there. */
const present = (files: Record<string, Uint8Array | undefined>): Files =>
  Object.fromEntries(
    Object.entries(files).filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined),
  );

export const lists = source(() => {
  const list = damagedText(rows(' ', numbers), rows(' ', names), rows('\t', numbers), '');
  return fc
    .record({
      'train.txt': list,
      'val.txt': perhaps(list),
      'test.txt': perhaps(list),
      'classes.txt': perhaps(classes),
    })
    .map((files) => ({ files: present(files), config: {} }));
});

export const csv = source(() => {
  const table = (separator: string, labels: readonly string[]) =>
    `path${separator}label\n${rows(separator, labels)}`;
  const split = `path,label,split\n${numbers.map((n, i) => `a b/${i}.png,${n},${['train', 'val', 'test'][i % 3]}\n`).join('')}`;
  const quoted = `"path","label"\n${numbers.map((n, i) => `"a ""b""\n${i}.png","${n}"\n`).join('')}`;
  const file = damagedText(
    table(',', numbers),
    table(';', names),
    table('\t', names),
    split,
    quoted,
    'path,label\n',
  );
  const delimiter = fc.oneof(
    fc.constantFrom(',', ';', '\t', '"', '\n', '\r', ' ', 'a', '\0', '\uD800', '\uFEFF'),
  );
  const column = fc.constantFrom('path', 'path', 'label', 'split', ...oddTexts.filter((text) => text !== ''));
  return fc
    .record({
      files: fc.record({
        'train.csv': perhaps(file),
        'all.csv': perhaps(file),
        'test.csv': perhaps(file),
        'classes.txt': perhaps(classes),
      }),
      source: fc.constantFrom('auto' as const, 'csv' as const),
      delimiter: fc.oneof(fc.constant(','), delimiter),
      column: fc.oneof(fc.constant('path'), column),
    })
    .map(({ files, source, delimiter, column }) => ({
      files: present(files),
      config: { source, csv: { path: column, label: 'label', split: 'split', delimiter } },
    }));
});

export const folders = source(() => {
  const part = fc.oneof(
    fc.constantFrom(
      'train',
      'val',
      'test',
      'valid',
      'Train',
      'cat',
      'dog',
      '0',
      '1',
      '10',
      '.hidden',
      'images',
    ),
    fc.constantFrom(...oddTexts.filter((text) => !text.includes('..'))),
  );
  const name = fc
    .tuple(
      fc.array(part, { maxLength: 4 }),
      part,
      fc.constantFrom('.jpg', '.png', '.JPEG', '.txt', '.tar', '.csv', ''),
    )
    .map(([folders, name, extension]) => [...folders, `${name}${extension}`].join('/'));
  const regular = ['train', 'val', 'test'].flatMap((split) =>
    ['cat', 'dog'].flatMap((label) => [0, 1, 2].map((i) => `${split}/${label}/${i}.jpg`)),
  );
  return fc
    .record({
      base: fc.constantFrom<readonly string[]>(
        [],
        regular,
        regular.map((path) => path.replace(/^\w+\//, '')),
      ),
      more: fc.array(name, { maxLength: 6 }),
      classes: perhaps(classes),
      source: fc.constantFrom('auto' as const, 'folders' as const, 'lists' as const, 'webdataset' as const),
    })
    .map(({ base, more, classes, source }) => ({
      files: present({
        ...Object.fromEntries([...base, ...more].map((path) => [path, none])),
        'classes.txt': classes,
      }),
      config: { source },
    }));
});

function idxFile(magic: number, sizes: readonly number[], values: Uint8Array): Uint8Array {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  for (const [i, word] of [magic, ...sizes].entries()) header.writeUInt32BE(word, 4 * i);
  return new Uint8Array(Buffer.concat([header, values]));
}

export const idx = source(() => {
  const count = 12;
  const pictures = idxFile(0x803, [count, 2, 3], new Uint8Array(count * 6));
  const own = idxFile(
    0x801,
    [count],
    Uint8Array.from({ length: count }, (_, i) => i % 3),
  );
  const word = fc.constantFrom(...extremes.filter((n) => Number.isInteger(n) && n >= 0 && n < 2 ** 32));
  const lying = (magic: number, dimensions: number, values: Uint8Array) =>
    fc
      .array(word, { minLength: dimensions, maxLength: dimensions })
      .map((sizes) => idxFile(magic, sizes, values));
  const images = fc.oneof(fc.constant(pictures), damagedBytes(pictures), lying(0x803, 3, pictures));
  const labels = fc.oneof(fc.constant(own), damagedBytes(own), lying(0x801, 1, own));
  const zipped = (file: fc.Arbitrary<Uint8Array>) =>
    file.chain((bytes) => {
      const gz = new Uint8Array(gzipSync(bytes));
      return fc.oneof(fc.constant(gz), damagedBytes(gz));
    });
  // A bomb: a thousand times as much as it is.
  const bomb = fc.constant(new Uint8Array(gzipSync(Buffer.concat([pictures, new Uint8Array(2 ** 24)]))));
  return fc
    .record({
      'train-images-idx3-ubyte': perhaps(images),
      'train-labels.idx1-ubyte': perhaps(labels),
      'train-images-idx3-ubyte.gz': perhaps(fc.oneof({ weight: 9, arbitrary: zipped(images) }, bomb)),
      'train-labels-idx1-ubyte.gz': perhaps(zipped(labels)),
      't10k-images-idx3-ubyte': perhaps(images),
      't10k-labels-idx1-ubyte': perhaps(labels),
      'classes.txt': perhaps(classes),
    })
    .map((files) => ({ files: present(files), config: {} }));
});

export const cifar = source(() => {
  const records = (labelBytes: number) => new Uint8Array(4 * (labelBytes + 3072)).map((_, i) => i % 5);
  const damaged = (own: Uint8Array) => fc.oneof(fc.constant(own), damagedBytes(own));
  const meta = damagedText('airplane\nautomobile\nbird\ncat\ndeer\n');
  return fc
    .record({
      files: fc.record({
        'data_batch_1.bin': perhaps(damaged(records(1))),
        'cifar-10-batches-bin/data_batch_2.bin': perhaps(damaged(records(1))),
        'test_batch.bin': perhaps(damaged(records(1))),
        'batches.meta.txt': perhaps(meta),
        'train.bin': perhaps(damaged(records(2))),
        'fine_label_names.txt': perhaps(meta),
      }),
      labels: fc.constantFrom('fine' as const, 'coarse' as const),
      source: fc.constantFrom('auto' as const, 'cifar10' as const, 'cifar100' as const),
    })
    .map(({ files, ...config }) => ({ files: present(files), config }));
});
