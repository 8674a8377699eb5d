import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { type SourceType, sourceTypes } from '#lockstep/config/schema.js';
import { splitNames } from '#lockstep/data/dataset.js';
import { openSource } from '#lockstep/data/sources/open.js';
import { walk } from '#lockstep/data/sources/tree.js';
import { UserError } from '#lockstep/errors.js';
import { pixelsConfig, put } from '../../support/data-helpers.js';
import { target } from '../target.js';

/**
 * Datasets as people name and nest them: split names of every spelling, containers, lists, tables and stray files. No image is used twice, none
 * is left out without a word, and no split becomes a class.
 */

const splitWords = [
  'train',
  'training',
  'trn',
  'val',
  'valid',
  'validation',
  'dev',
  'eval',
  'test',
  'testing',
  'tst',
];
const classNames = ['cat', 'dog', '0', '1', 'train station', 'Ärger', 'testament', '猫'];
const containers = [
  'images',
  'img',
  'data',
  'images_part_1',
  'set',
  'all',
  'masks',
  '@eaDir',
  '__MACOSX',
  '.hidden',
];

const spelled = fc
  .record({
    word: fc.constantFrom(...splitWords),
    before: fc.constantFrom('', '', '', 'seg_', 'asl_alphabet_', 'my-'),
    after: fc.constantFrom('', '', '', '_set', '_images', '2017', 'Images', '_v2', '.1'),
    letters: fc.constantFrom('lower', 'Upper', 'CAPITALS'),
  })
  .map(({ word, before, after, letters }) => {
    if (letters === 'CAPITALS') return `${before}${word}${after}`.toUpperCase();
    return `${before}${letters === 'Upper' ? word[0]!.toUpperCase() + word.slice(1) : word}${after}`;
  });
const className = fc.constantFrom(...classNames);
const container = fc.constantFrom(...containers);

interface Layout {
  /** Paths of images. */
  readonly images: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly source: SourceType | 'auto';
}

/** Folders of one kind each, one below the other, with images at the end. */
const tree = fc
  .record({
    outer: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(container, { maxLength: 1 })),
    splits: fc.uniqueArray(spelled, { maxLength: 4 }),
    inner: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(container, { maxLength: 1 })),
    classes: fc.oneof(
      { weight: 5, arbitrary: fc.uniqueArray(className, { minLength: 2, maxLength: 4 }) },
      fc.uniqueArray(className, { maxLength: 1 }),
    ),
    splitsFirst: fc.constantFrom(true, true, true, false),
    count: fc.integer({ min: 1, max: 6 }),
    extension: fc.constantFrom('.jpg', '.PNG', '.jpeg'),
  })
  .map(({ outer, splits, inner, classes, splitsFirst, count, extension }) => {
    const either = (names: readonly string[]) => (names.length === 0 ? [''] : names);
    return either(splits).flatMap((split) =>
      either(classes).flatMap((label) =>
        Array.from({ length: count }, (_, i) => {
          const order = splitsFirst ? [split, ...inner, label] : [...inner, label, split];
          return [...outer, ...order, `${i}${extension}`].filter((part) => part !== '').join('/');
        }),
      ),
    );
  });

const textName = fc
  .tuple(
    fc.oneof(spelled, fc.constantFrom('labels', 'notes', 'classes', 'sample_submission')),
    fc.constantFrom('.txt', '.csv', '.tsv'),
  )
  .map((parts) => parts.join(''));

const layout: fc.Arbitrary<Layout> = fc
  .record({
    trees: fc.oneof(
      { weight: 3, arbitrary: tree.map((one) => [one]) },
      fc.array(tree, { minLength: 2, maxLength: 2 }),
    ),
    texts: fc.dictionary(
      textName,
      fc.record({
        header: fc.constantFrom(
          '',
          'path,label',
          'image_id;label',
          'Path,Label',
          'filename\tclass',
          'id,age',
        ),
        form: fc.constantFrom('path label', 'label path', 'path', 'name', 'stem', 'words'),
        every: fc.integer({ min: 1, max: 3 }),
      }),
      { maxKeys: 2 },
    ),
    strays: fc.uniqueArray(
      fc.constantFrom(
        'train-0.tar.md5',
        'train.tar.gz',
        'README.md',
        'Thumbs.db',
        'loose.jpg',
        'train/train.tar.gz',
        'test/',
      ),
      { maxLength: 3 },
    ),
    source: fc.oneof(
      { weight: 6, arbitrary: fc.constant('auto' as const) },
      fc.constantFrom<SourceType>('folders', 'csv', 'lists'),
      fc.constantFrom(...sourceTypes),
    ),
  })
  .map(({ trees, texts, strays, source }) => {
    const images = [...new Set(trees.flat())];
    const files = Object.fromEntries(
      Object.entries(texts).map(([name, { header, form, every }]) => [
        name,
        textOf(images, header, form, every),
      ]),
    );
    for (const stray of strays) files[stray] = 'x\n';
    return { images, files, source };
  });

function textOf(images: readonly string[], header: string, form: string, every: number): string {
  const separator = /[,;\t]/.exec(header)?.[0] ?? ' ';
  const lines = images
    .filter((_, i) => i % every === 0)
    .map((path, i) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const label = classNames[i % 2]!;
      const paths: Record<string, string> = { name, stem: name.replace(/\.\w+$/, '') };
      if (form === 'words') return 'notes on what was done';
      if (form === 'path') return path;
      if (form === 'label path') return [label, path].join(separator);
      return [paths[form] ?? path, label].join(separator);
    });
  return `${[...(header === '' ? [] : [header]), ...lines].join('\n')}\n`;
}

export const layouts = target({
  cases: () => layout,
  async run({ images, files, source }) {
    for (const image of images) tryToPut(image, '');
    for (const [name, text] of Object.entries(files)) tryToPut(name, text);
    const { classes, splits, notes } = await openSource({ ...pixelsConfig('.'), source });
    const used = new Map<string, number>();
    for (const split of splitNames) {
      const { labels, bytesOf } = splits[split];
      for (const [image, label] of labels.entries()) {
        assert.ok(label >= 0 && label < classes.length, `label ${label} of ${classes.length} classes`);
        const { file } = bytesOf(image);
        used.set(file, (used.get(file) ?? 0) + 1);
      }
    }
    const said = notes.join('\n');
    const areFolders = /recognised as folders/.test(said);
    if (areFolders) for (const [file, times] of used) assert.is(times, 1, `${file} is used ${times} times`);
    for (const name of classes)
      if (areFolders && splitWords.includes(name.toLowerCase())) assert.match(said, /taken as a class/);
    const unused: string[] = [];
    walk('set', {
      file: (path, name) => {
        if (/\.(jpe?g|png)$/i.test(name) && !used.has(`set/${path}`)) unused.push(path);
      },
    });
    if (unused.length > 0)
      assert.match(
        said,
        /not used|left out|ignored/,
        `${unused.length} images, such as ${unused[0]}, without a word`,
      );
  },
});

function tryToPut(name: string, text: string): void {
  try {
    if (!name.endsWith('/')) put('set', name, text);
  } catch (error) {
    // A file in the place of a folder, or the other way round.
    if (error instanceof UserError) throw error;
  }
}
