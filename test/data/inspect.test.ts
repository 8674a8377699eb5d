import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Source } from '#lockstep/data/source.js';
import { inFolder, plain, put, sourceOf } from '../support/data-helpers.js';
import { inspected, inspectedFolder, putLists } from '../support/data-inspect-helpers.js';

const inspect = suite('inspecting a dataset');

const png = (color: readonly [number, number, number], width = 8, height = 8) =>
  plain(color, width, height).png().toBuffer();

inspect('images of each split and class, and the imbalance', () =>
  inFolder(async (dir) => {
    for (let i = 0; i < 8; i++) put(dir, `${i}.png`, await png([i, 0, 0]));
    const train = [0, 1, 2, 3, 4].map((i) => [`${i}.png`, i < 3 ? 'cat' : i === 3 ? 'dog' : 'eel'] as const);
    putLists(dir, {
      train,
      val: [['5.png', 'cat']],
      test: [
        ['6.png', 'cat'],
        ['7.png', 'dog'],
      ],
    });
    const found = await inspectedFolder(dir);
    assert.is(found.dir, dir);
    assert.is(found.notes[0], 'recognised as lists (data.source)');
    assert.equal(found.splits, {
      train: { images: 5, broken: 0, classes: 3 },
      validation: { images: 1, broken: 0, classes: 1 },
      test: { images: 2, broken: 0, classes: 2 },
    });
    assert.equal(found.classes, [
      { name: 'cat', train: 3, validation: 1, test: 1 },
      { name: 'dog', train: 1, validation: 0, test: 1 },
      { name: 'eel', train: 1, validation: 0, test: 0 },
    ]);
    assert.is(found.imbalance, 3);
    assert.equal(found.warnings, [
      'no image in validation of 2 classes: "dog", "eel"',
      'no image in test of class "eel"',
    ]);
  }),
);

inspect('formats by content, whatever the name says; EXIF, transparency, depth and frames', () =>
  inFolder(async (dir) => {
    const frames = [plain([1, 2, 3]), plain([200, 2, 3])].map((frame) => frame.png().toBuffer());
    const images: Record<string, Buffer> = {
      'a.jpg': await plain([1, 2, 3]).jpeg().toBuffer(),
      'b.JPEG': await plain([9, 2, 3]).jpeg().toBuffer(),
      'gray.jpg': await plain([1, 1, 1]).toColourspace('b-w').jpeg().toBuffer(),
      'print.jpg': await plain([1, 2, 3]).toColourspace('cmyk').jpeg().toBuffer(),
      'wrong.jpg': await png([4, 4, 4]),
      'clear.png': await plain([5, 5, 5]).ensureAlpha(0.5).png().toBuffer(),
      'deep.png': await plain([6, 6, 6]).toColourspace('rgb16').png().toBuffer(),
      'turned.jpg': await plain([7, 7, 7], 6, 4).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
      'moving.gif': await sharp(await Promise.all(frames), { join: { animated: true } })
        .gif()
        .toBuffer(),
      'a.webp': await plain([1, 2, 3]).webp().toBuffer(),
      'a.avif': await plain([1, 2, 3]).avif().toBuffer(),
      'a.tif': await plain([1, 2, 3]).tiff().toBuffer(),
      'no-extension': await png([8, 8, 8]),
    };
    for (const [name, bytes] of Object.entries(images)) put(dir, name, bytes);
    const lines = Object.keys(images).map((name) => [name, 0] as const);
    putLists(dir, { train: lines, val: lines.slice(0, 1), test: lines.slice(0, 1) });
    const found = await inspectedFolder(dir);
    assert.equal(found.broken.first, []);
    const kinds = found.formats.map(
      (f) => `${f.format} ${f.space} ${f.channels} x ${f.bits}${f.transparency ? ' clear' : ''}: ${f.images}`,
    );
    assert.equal(kinds[0], 'jpeg srgb 3 x 8: 5'); // a.jpg three times
    assert.equal(
      kinds.slice(1).sort(),
      [
        'avif srgb 3 x 8: 1',
        'gif srgb 4 x 8 clear: 1', // a frame leaves out what stays
        'jpeg b-w 1 x 8: 1',
        'jpeg cmyk 4 x 8: 1',
        'png rgb16 3 x 16: 1',
        'png srgb 3 x 8: 2',
        'png srgb 4 x 8 clear: 1',
        'tiff srgb 3 x 8: 1',
        'webp srgb 3 x 8: 1',
      ].sort(),
    );
    assert.is(found.turned, 1);
    assert.is(found.severalFrames, 1);
    assert.equal(found.misnamed, {
      count: 1,
      first: [{ split: 'train', image: 'wrong.jpg', place: 'train.txt:5', class: 'class 0', format: 'png' }],
    });
    assert.equal(found.sizes?.commonest, [
      { width: 8, height: 8, images: 14 },
      { width: 4, height: 6, images: 1 },
    ]);
    const bytes = [...lines, lines[0]!, lines[0]!].map(([name]) => images[name]!.length);
    assert.equal(found.bytes, {
      total: bytes.reduce((a, b) => a + b),
      smallest: Math.min(...bytes),
      largest: Math.max(...bytes),
    });
  }),
);

inspect('sizes: smallest, median, largest, and the ten commonest', () =>
  inFolder(async (dir) => {
    const widths = [...Array.from({ length: 12 }, (_, i) => 3 + i), 20, 20, 20];
    for (const [i, width] of widths.entries()) put(dir, `${i}.png`, await png([i, i, i], width, 30 - width));
    const lines = widths.map((_, i) => [`${i}.png`, 0] as const);
    putLists(dir, { train: lines.slice(2), val: lines.slice(0, 1), test: lines.slice(1, 2) });
    const { sizes } = await inspectedFolder(dir);
    assert.equal(sizes?.width, { smallest: 3, median: 10, largest: 20 });
    assert.equal(sizes?.height, { smallest: 10, median: 20, largest: 27 });
    assert.is(sizes?.distinct, 13);
    assert.equal(sizes?.commonest.length, 10);
    assert.equal(sizes?.commonest.slice(0, 2), [
      { width: 20, height: 10, images: 3 },
      { width: 3, height: 27, images: 1 },
    ]);
  }),
);

inspect('broken images are listed with their reasons and count nowhere else', () =>
  inFolder(async (dir) => {
    const good = await png([50, 60, 70]);
    const noise = Buffer.from(Uint8Array.from({ length: 3072 }, (_, i) => (i * 7919) & 255));
    const photo = await sharp(noise, { raw: { width: 32, height: 32, channels: 3 } })
      .jpeg()
      .toBuffer();
    put(dir, 'good.png', good);
    put(dir, 'cut.jpg', photo.subarray(0, photo.length / 2));
    put(dir, 'cut-too.jpg', photo.subarray(0, photo.length / 2));
    put(dir, 'empty.png', '');
    put(dir, 'text.png', 'no image');
    put(dir, 'large.png', await png([0, 0, 0], 6000, 5001));
    const names = ['good.png', 'cut.jpg', 'cut-too.jpg', 'empty.png', 'text.png', 'large.png', 'missing.png'];
    const good1 = [['good.png', 0]] as const;
    putLists(dir, {
      train: names.map((name) => [name, 0]),
      val: [
        ['good.png', 0],
        ['text.png', 0],
      ],
      test: good1,
    });
    const found = await inspectedFolder(dir);
    assert.equal(
      found.broken.first.map(({ split, image, place }) => `${split} ${image} ${place}`),
      [
        ...names.slice(1).map((name, i) => `train ${name} train.txt:${i + 2}`),
        'validation text.png val.txt:2',
      ],
    );
    const reasons = found.broken.first.map(({ reason }) => reason);
    assert.match(reasons[0]!, /cut short or damaged/);
    assert.is(reasons[2], 'the file is empty');
    assert.match(reasons[3]!, 'it is no image');
    assert.match(reasons[4]!, '6,000 x 5,001 pixels, more than the 30,000,000');
    assert.is(reasons[5], 'no such file');
    assert.equal(
      Object.values(found.splits).map(({ images, broken }) => [images, broken]),
      [
        [7, 6],
        [2, 1],
        [1, 0],
      ],
    );
    assert.equal(
      found.formats.map(({ images }) => images),
      [3],
    );
    assert.is(found.sizes?.distinct, 1);
    assert.is(found.pixels.train?.pixels, 64);
    assert.equal(found.duplicates.withinSplit.count, 0, 'broken copies are no duplicates');
    assert.match(found.warnings[0]!, /^7 images cannot be used/);
  }),
);

inspect('mean and deviation are those of all pixels as they are decoded', () =>
  inFolder(async (dir) => {
    const pixels = [0, 1, 2].map((seed) =>
      Uint8Array.from({ length: 3 * 35 }, (_, i) => (i * i * 31 + seed * 97) & 255),
    );
    for (const [i, own] of pixels.entries()) {
      const image = sharp(own, { raw: { width: i === 0 ? 5 : 7, height: i === 0 ? 7 : 5, channels: 3 } });
      put(dir, `${i}.png`, await image.png().toBuffer());
    }
    // Half-transparent black on white; and turned, which changes no sum.
    put(dir, 'clear.png', await plain([0, 0, 0], 4, 4).ensureAlpha(0.5).png().toBuffer());
    putLists(dir, {
      train: [
        ['0.png', 0],
        ['1.png', 0],
        ['clear.png', 0],
      ],
      val: [['2.png', 0]],
      test: [['2.png', 0]],
    });
    const found = (await inspectedFolder(dir)).pixels;
    const clear = [
      ...(await sharp(join(dir, 'clear.png')).flatten({ background: 'white' }).raw().toBuffer()),
    ];
    const expected = {
      train: [...pixels[0]!, ...pixels[1]!, ...clear],
      validation: [...pixels[2]!],
      test: [...pixels[2]!],
    };
    for (const split of ['train', 'validation', 'test'] as const) {
      assert.is(found[split]?.pixels, expected[split].length / 3);
      for (const channel of [0, 1, 2]) {
        const values = expected[split].filter((_, i) => i % 3 === channel).map((value) => value / 255);
        const mean = values.reduce((a, b) => a + b) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
        assert.ok(Math.abs(found[split]!.mean[channel]! - mean) < 1e-12);
        assert.ok(Math.abs(found[split]!.deviation[channel]! - Math.sqrt(variance)) < 1e-12);
      }
    }
  }),
);

inspect('an image of more than 16 million pixels is summed completely, in strips', () =>
  inFolder(async (dir) => {
    const lower = { create: { width: 4200, height: 1000, channels: 3, background: '#0000ff' } } as const;
    const [width, height] = [4200, 5000];
    const image = plain([255, 0, 0], width, height).composite([{ input: lower, top: 4000, left: 0 }]);
    put(dir, 'large.png', await image.png({ compressionLevel: 1 }).toBuffer());
    put(dir, 'small.png', await png([0, 0, 0]));
    putLists(dir, { train: [['large.png', 0]], val: [['small.png', 0]], test: [['small.png', 0]] });
    const { pixels, sizes } = await inspectedFolder(dir);
    assert.is(pixels.train?.pixels, width * height);
    assert.equal(pixels.train?.mean, [0.8, 0, 0.2]);
    assert.equal(sizes?.width.largest, width);
  }),
);

inspect('raw pixels: gray ones count for each channel, planes for their own', () =>
  inFolder(async (dir) => {
    const bytes = Uint8Array.from({ length: 24 }, (_, i) => i * 10);
    const file = put(dir, 'raw.bin', bytes);
    const split = (length: number) => ({
      labels: Int32Array.from({ length: 24 / length }, () => 0),
      nameOf: (image: number) => `raw.bin#${image}`,
      placeOf: () => undefined,
      bytesOf: (image: number) => ({ file, part: { begin: image * length, length } }),
    });
    const source = (encoding: Source['encoding'], length: number): Source => ({
      dir,
      encoding,
      classes: ['one'],
      notes: [],
      splits: { train: split(length), validation: split(length), test: split(24) },
    });
    const gray = await inspected(source({ type: 'gray', width: 2, height: 2 }, 4));
    const mean = bytes.reduce((a, b) => a + b) / 24 / 255;
    for (const found of gray.pixels.train!.mean) assert.ok(Math.abs(found - mean) < 1e-12);
    assert.equal(gray.formats, [
      { format: 'raw', space: 'b-w', channels: 1, bits: 8, transparency: false, images: 13 },
    ]);
    assert.is(gray.misnamed.count, 0);
    const color = await inspected(source({ type: 'planarRgb', width: 2, height: 2 }, 12));
    assert.equal(
      color.pixels.train!.mean.map((value) => Math.round(value * 255)),
      [75, 115, 155],
    );
    assert.is(color.duplicates.leaks[0]!.images, 2);
  }),
);

inspect('a split without images, and a dataset without a good image', async () => {
  await inFolder(async (dir) => {
    put(dir, 'a.png', await png([1, 1, 1]));
    putLists(dir, {
      train: [
        ['a.png', 0],
        ['missing.png', 0],
      ],
      val: [['a.png', 0]],
      test: [['a.png', 0]],
    });
    const source = await sourceOf(dir);
    const none = { ...source.splits.test, labels: new Int32Array(0) };
    const found = await inspected({ ...source, splits: { ...source.splits, test: none } });
    assert.equal(found.splits.test, { images: 0, broken: 0, classes: 0 });
    assert.is(found.pixels.test, null);
    assert.match(found.warnings.join('\n'), 'no image in test of class "class 0"');
    const bad = { ...source.splits.train, bytesOf: () => ({ file: join(dir, 'gone.png') }) };
    const all = await inspected({ ...source, splits: { train: bad, validation: bad, test: bad } });
    assert.equal(
      [all.broken.count, all.sizes, all.bytes, all.formats, all.pixels.train],
      [6, null, null, [], null],
    );
  });
});

inspect('the result does not depend on threads; long lists are cut, with their full counts', () =>
  inFolder(async (dir) => {
    const lines = [];
    for (let i = 0; i < 100; i++) {
      const bytes = await plain([i % 40, 0, 0], 2 + (i % 3), 2)
        .toFormat(i % 2 ? 'png' : 'jpeg')
        .toBuffer();
      put(dir, `${i}.png`, i % 10 === 9 ? bytes.subarray(0, 20) : bytes);
      lines.push([`${i}.png`, i % 4] as const);
    }
    putLists(dir, { train: lines.slice(0, 70), val: lines.slice(70, 80), test: lines.slice(80) });
    const source = await sourceOf(dir);
    const [one, three] = [await inspected(source, 1), await inspected(source, 3)];
    assert.equal(one, three);
    const few = await inspected(source, 2, 2);
    assert.equal([few.broken.count, few.misnamed.count], [10, 50]);
    assert.equal(few.broken.first, one.broken.first.slice(0, 2));
    assert.equal(few.misnamed.first, one.misnamed.first.slice(0, 2));
    assert.is(few.duplicates.withinSplit.count, one.duplicates.withinSplit.first.length);
    assert.ok(readFileSync(join(dir, '9.png')).length === 20);
  }),
);

inspect.run();
