import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import {
  dataFault,
  inFolder,
  labelsOf,
  namesOf,
  pixelsConfig,
  plain,
  put,
  samplesOf,
  sourceOf,
} from '../support/data-helpers.js';

const folders = suite('folders as a source');

const touch = (dir: string, ...names: readonly string[]) => {
  for (const name of names) put(dir, name, '');
};

folders('train/CLASS, val/CLASS, test/CLASS become samples with their pixels', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    const png = (value: number) =>
      plain([value, 2 * value, 7])
        .png()
        .toBuffer();
    put(config.dir, 'train/dog/a.png', await png(10));
    put(config.dir, 'train/cat/b.PNG', await png(20));
    put(config.dir, 'valid/dog/c.png', await png(30));
    put(config.dir, 'test/cat/d.png', await png(40));
    const data = await openDataset(config, { threads: 1 });
    assert.equal(data.classes, ['cat', 'dog']);
    assert.equal(labelsOf(data, 'train'), [0, 1]);
    assert.equal(labelsOf(data, 'validation'), [1]);
    const [cat, dog] = samplesOf(data, 'train');
    for (const [sample, value] of [
      [cat, 20],
      [dog, 10],
      [samplesOf(data, 'test')[0], 40],
    ] as const) {
      assert.equal(
        [...sample!],
        [value, 2 * value, 7].flatMap((x) => Array(16).fill(x)),
      );
    }
  }),
);

folders('images are ordered by code point, also in subfolders of a class; other files are counted', () =>
  inFolder(async (dir) => {
    touch(dir, 'train/b/images/2.jpg', 'train/b/images/10.JPEG', 'train/b/z.png', 'train/b/boxes.txt');
    touch(dir, 'train/a/\u{1f63a}.gif', 'train/a/\uff21.webp', 'train/a/.hidden.png', 'train/a/noextension');
    touch(dir, 'train/a/old.bmp', 'train/a/more.bmp', 'train/outside.png', 'train/empty/notes.txt');
    touch(dir, 'val/b/1.png', 'test/a/1.png');
    const source = await sourceOf(dir);
    assert.equal(namesOf(source, 'train'), [
      'train/a/\uff21.webp',
      'train/a/\u{1f63a}.gif',
      'train/b/z.png',
      'train/b/images/10.JPEG',
      'train/b/images/2.jpg',
    ]);
    assert.equal([...source.splits.train.labels], [0, 0, 1, 1, 1]);
    assert.equal(source.splits.train.bytesOf(3), { file: `${dir}/train/b/images/10.JPEG` });
    assert.equal(source.notes, [
      'recognised as folders (data.source)',
      'class numbers: names of train, sorted by code point',
      'images in 1 folder below those of classes, such as b/images, are of the class above',
      'ignored: 2 files (.bmp), 2 files (.txt), 1 file (hidden), 1 file (no extension)',
      'no images in 1 folder, such as train/empty',
      'not used: 1 image in train/',
    ]);
  }),
);

folders('without splits each folder is a class, and validation and test are split off', () =>
  inFolder(async (dir) => {
    for (const name of ['cat', 'dog'])
      touch(dir, ...Array.from({ length: 20 }, (_, i) => `${name}/${i}.jpg`));
    touch(dir, 'README.md');
    mkdirSync(join(dir, '.git'));
    const source = await sourceOf(dir);
    assert.equal(source.classes, ['cat', 'dog']);
    const sizes = (['train', 'validation', 'test'] as const).map((name) => namesOf(source, name).length);
    assert.equal(sizes, [32, 4, 4]);
  }),
);

folders('names that are the numbers from 0 on stay these numbers; classes.txt names or orders classes', () =>
  inFolder(async (dir) => {
    const classes = Array.from({ length: 12 }, (_, i) => String(i));
    for (const name of classes) touch(dir, `train/${name}/1.jpg`, `val/${name}/1.jpg`, `test/${name}/1.jpg`);
    assert.equal((await sourceOf(dir)).classes, classes);
    put(dir, 'classes.txt', classes.map((name) => `the ${name}\n`).join(''));
    assert.is((await sourceOf(dir)).classes[10], 'the 10');
    assert.equal(
      [...(await sourceOf(dir)).splits.test.labels].sort((a, b) => a - b),
      [...classes.keys()],
    );
    put(dir, 'classes.txt', [...classes.toReversed(), 'x'].map((name) => `${name}\n`).join(''));
    const { splits } = await sourceOf(dir);
    assert.is(splits.train.nameOf(0), 'train/0/1.jpg');
    assert.is(splits.train.labels[0], 11, 'names that are in classes.txt are names, digits or not');
  }),
);

folders('a class that train lacks, one folder, and no image are errors', () =>
  inFolder(async (dir) => {
    touch(dir, 'train/cat/1.jpg', 'val/cat/1.jpg', 'val/dog/1.jpg', 'val/dog/2.jpg');
    assert.is(
      await dataFault(() => sourceOf(dir)),
      `${dir}/val/dog: the label is "dog", expected a name that train has`,
    );
    touch(dir, 'validation/cat/1.jpg');
    assert.match(await dataFault(() => sourceOf(dir)), 'val and validation are both validation; keep one');
    const [flat, bitmaps, tests] = ['flat', 'bitmaps', 'tests'].map((name) => join(dir, name)) as [
      string,
      string,
      string,
    ];
    touch(flat, 'images/1.jpg', 'annotations/1.xml');
    assert.match(
      await dataFault(() => sourceOf(flat)),
      /found images in images\/ alone, which makes one class/,
    );
    touch(bitmaps, 'train/cat/1.bmp', 'train/cat/2.bmp');
    assert.match(
      await dataFault(() => sourceOf(bitmaps)),
      /folders: in train\/, there is no image in the folders \(ignored: 2 files \(\.bmp\)\)/,
    );
    touch(tests, 'test/cat/1.jpg', 'val/cat/1.jpg');
    assert.match(
      await dataFault(() => sourceOf(tests, { source: 'folders' })),
      /and none to train on; expected folders train\/CLASS/,
    );
  }),
);

folders('links are followed, but not in loops; a broken link is reported when it is read', () =>
  inFolder(async (dir) => {
    touch(dir, 'train/a/1.jpg', 'train/b/2.jpg', 'elsewhere/deep/3.jpg', 'val/a/1.jpg', 'test/a/1.jpg');
    symlinkSync('../../elsewhere', join(dir, 'train/a/more'));
    symlinkSync('../../elsewhere', join(dir, 'train/c'));
    symlinkSync('../a/more', join(dir, 'train/b/more'));
    symlinkSync('../../train/b', join(dir, 'elsewhere/back'));
    symlinkSync('..', join(dir, 'train/b/up'));
    symlinkSync('nowhere.jpg', join(dir, 'train/b/gone.jpg'));
    symlinkSync('itself.jpg', join(dir, 'train/b/itself.jpg'));
    symlinkSync('2.jpg', join(dir, 'train/b/same.jpg'));
    const source = await sourceOf(dir, { source: 'folders' });
    const names = namesOf(source, 'train');
    assert.ok(names.includes('train/a/more/deep/3.jpg'));
    assert.ok(names.includes('train/b/more/deep/3.jpg'));
    assert.ok(names.includes('train/b/gone.jpg'));
    assert.ok(names.includes('train/b/same.jpg'));
    assert.ok(names.length < 40, `${names.length}`);
    assert.match(source.notes.join('\n'), /links to a folder above/);
  }),
);

folders.run();
