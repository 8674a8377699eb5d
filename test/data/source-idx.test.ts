import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openDataset } from '#lockstep/data/open.js';
import {
  dataFault,
  inFolder,
  labelsOf,
  namesOf,
  pixelsConfig,
  put,
  samplesOf,
  sourceOf,
} from '../support/data-helpers.js';

const idx = suite('IDX files as a source');

/** A file of these sizes, as its format is described at http://yann.lecun.com/exdb/mnist. */
function file(sizes: readonly number[], bytes: Uint8Array, magic = 0x800 + sizes.length): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.writeUInt32BE(magic, 0);
  for (const [i, size] of sizes.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, bytes]);
}

const [height, width] = [4, 5];
const pixels = (image: number) =>
  Uint8Array.from({ length: height * width }, (_, i) => (image * 41 + i * 9) & 255);
const images = (count: number) =>
  file([count, height, width], Buffer.concat(Array.from({ length: count }, (_, i) => pixels(i))));
const labels = (...values: readonly number[]) => file([values.length], Uint8Array.from(values));

function putDigits(
  dir: string,
  dash = '-',
  suffix = '',
  zip: (bytes: Buffer) => Uint8Array = (bytes) => bytes,
): void {
  put(dir, `train-images${dash}idx3-ubyte${suffix}`, zip(images(20)));
  put(
    dir,
    `train-labels${dash}idx1-ubyte${suffix}`,
    zip(labels(...Array.from({ length: 20 }, (_, i) => i % 2))),
  );
  put(dir, `t10k-images${dash}idx3-ubyte${suffix}`, zip(images(3)));
  put(dir, `t10k-labels${dash}idx1-ubyte${suffix}`, zip(labels(1, 0, 1)));
}

for (const [what, dash, suffix] of [
  ['plain', '-', ''],
  ['with dots', '.', ''],
  ['gzipped', '-', '.gz'],
] as const) {
  idx(`${what}: gray pixels in three channels, labels, validation split off`, () =>
    inFolder(async (folder) => {
      const config = pixelsConfig(folder, width, height);
      putDigits(config.dir, dash, suffix, suffix === '' ? undefined : gzipSync);
      const data = await openDataset(config, { threads: 1 });
      assert.equal(data.classes, ['class 0', 'class 1']);
      assert.equal(labelsOf(data, 'test'), [1, 0, 1]);
      const gray = pixels(2);
      assert.equal(samplesOf(data, 'test')[2], Uint8Array.from([...gray, ...gray, ...gray]));
      assert.equal([data.splits.train.samples, data.splits.validation.samples], [18, 2]);
    }),
  );
}

idx('a gzipped file is unzipped once, and the result is the same if it is repeated', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder, width, height);
    const { dir, cache } = config;
    putDigits(dir, '-', '.gz', gzipSync);
    const first = await openDataset(config, { threads: 1 });
    const made = readdirSync(cache).filter((name) => /^(?:train|t10k)-(?:images|labels)/.test(name));
    assert.is(made.length, 4);
    const { ino } = statSync(join(cache, made[0]!));
    const source = await sourceOf(dir, { cache });
    assert.is(statSync(join(cache, made[0]!)).ino, ino);
    assert.match(source.splits.test.bytesOf(0).file, cache);
    assert.equal(namesOf(source, 'test')[2], 't10k-images-idx3-ubyte#2');
    const other = { ...config, cache: join(folder, 'other') };
    const again = await openDataset(other, { threads: 1 });
    assert.equal(samplesOf(again, 'train'), samplesOf(first, 'train'));
    utimesSync(join(dir, 't10k-images-idx3-ubyte.gz'), 1_000_000, 1_000_000);
    assert.is.not((await openDataset(config, { threads: 1 })).key, first.key);
  }),
);

idx('gzipped and plain files are split alike', () =>
  inFolder(async (folder) => {
    const [plain, zipped] = [join(folder, 'plain'), join(folder, 'zipped')];
    putDigits(plain);
    putDigits(zipped, '-', '.gz', gzipSync);
    const [a, b] = [await sourceOf(plain), await sourceOf(zipped, { cache: join(folder, 'cache') })];
    assert.equal(namesOf(a, 'validation'), namesOf(b, 'validation'));
  }),
);

const faults: [what: string, spoil: (dir: string) => void, says: RegExp][] = [
  [
    'another magic',
    (dir) => put(dir, 't10k-images-idx3-ubyte', file([3, 4, 5], new Uint8Array(60), 0x0d03)),
    /t10k-images-idx3-ubyte: found 0x00000d03 .* expected 0x00000803: unsigned bytes in 3 dimensions/,
  ],
  [
    'labels for images',
    (dir) => put(dir, 'train-images-idx3-ubyte', labels(1, 2, 3, 4, 5, 6, 7, 8)),
    /train-images-idx3-ubyte: found 0x00000801/,
  ],
  [
    'a header cut short',
    (dir) => put(dir, 'train-images-idx3-ubyte', images(1).subarray(0, 10)),
    /found 10 bytes where its magic/,
  ],
  [
    'images cut short',
    (dir) => put(dir, 'train-images-idx3-ubyte', images(20).subarray(0, 400)),
    /train-images-idx3-ubyte: found 400 bytes, expected 416 bytes by its header \(20 x 4 x 5\)/,
  ],
  [
    'counts that disagree',
    (dir) => put(dir, 't10k-labels-idx1-ubyte', labels(1, 0)),
    /t10k-images-idx3-ubyte: found 3 images, but 2 labels in t10k-labels-idx1-ubyte/,
  ],
  [
    'sizes that disagree',
    (dir) => put(dir, 't10k-images-idx3-ubyte', file([3, 5, 4], new Uint8Array(60))),
    /t10k-images-idx3-ubyte: found images of 5 x 4, expected 4 x 5 as in train/,
  ],
  [
    'a label that train lacks',
    (dir) => put(dir, 't10k-labels-idx1-ubyte', labels(1, 2, 0)),
    /t10k-labels-idx1-ubyte#1: the label is 2, expected 0 to 1 by train-labels-idx1-ubyte/,
  ],
  [
    'no image',
    (dir) => put(dir, 't10k-images-idx3-ubyte', images(0)),
    /its header says 0 x 4 x 5; expected some/,
  ],
  [
    'two names for test',
    (dir) => {
      put(dir, 'test-images-idx3-ubyte', images(3));
      put(dir, 'test-labels-idx1-ubyte', labels(1, 0, 1));
    },
    /(?:t10k and test|test and t10k) are both test/,
  ],
  [
    'a file of another dataset, whatever stands between its name and the split',
    (dir) => put(dir, 'kaggle_test-images-idx3-ubyte', images(3)),
    /found files of 2 datasets/,
  ],
  [
    'a gzipped file that is none',
    (dir) => put(dir, 'val-images-idx3-ubyte.gz', 'no'),
    /found val-images-idx3-ubyte\.gz without its labels/,
  ],
];

for (const [what, spoil, says] of faults) {
  idx(`${what} is an error`, () =>
    inFolder(async (dir) => {
      putDigits(dir);
      spoil(dir);
      assert.match(await dataFault(() => sourceOf(dir)), says);
    }),
  );
}

idx('a gzipped file that is cut short, damaged, too long or a bomb is an error, and leaves nothing', () =>
  inFolder(async (folder) => {
    const [dir, cache] = [join(folder, 'set'), join(folder, 'cache')];
    putDigits(dir, '-', '.gz', gzipSync);
    const zip = gzipSync(images(20));
    const name = 'train-images-idx3-ubyte.gz';
    const at = async (bytes: Uint8Array) => {
      put(dir, name, bytes);
      const message = await dataFault(() => sourceOf(dir, { cache }));
      assert.equal(
        readdirSync(cache).filter((file) => file.startsWith('train-images')),
        [],
      );
      return message;
    };
    assert.match(
      await at(zip.subarray(0, zip.length - 30)),
      /train-images-idx3-ubyte\.gz: cannot be unzipped beyond byte/,
    );
    assert.match(await at(Buffer.from('no gzip')), /cannot be unzipped beyond byte 0/);
    const longer = Buffer.concat([images(20), Buffer.alloc(1 << 20)]);
    assert.match(await at(gzipSync(longer)), /unzips to more than the 416 bytes that its header says/);
    assert.match(await at(gzipSync(images(20).subarray(0, 415))), /unzips to 415 bytes, expected 416 bytes/);
    assert.match(await at(gzipSync(Buffer.alloc(5))), /unzips to 5 bytes, expected a header/);
    const huge = file([4_000_000_000, 4000, 4000], new Uint8Array(16));
    assert.match(await at(gzipSync(huge)), /its header says .* bytes, which \d+ bytes cannot be unzipped to/);
  }),
);

idx.run();
