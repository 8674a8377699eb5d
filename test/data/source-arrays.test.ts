import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { inspectSource } from '#lockstep/data/inspect/inspect.js';
import { openDataset } from '#lockstep/data/open.js';
import { type Tensor, writeSafetensors } from '#lockstep/tensors/safetensors.js';
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
import { refusal } from '../support/refusal.js';

const arrays = suite('arrays as a source');

const u8 = (shape: readonly number[], step = 7): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return { dtype: 'U8', shape, data: Uint8Array.from({ length: size }, (_, i) => (i * step) & 255) };
};
const f32 = (shape: readonly number[], at = (i: number) => i / 8 - 3): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return { dtype: 'F32', shape, data: Float32Array.from({ length: size }, (_, i) => at(i)) };
};
const i32 = (...values: readonly number[]): Tensor => ({
  dtype: 'I32',
  shape: [values.length],
  data: Int32Array.from(values),
});

function putArrays(
  dir: string,
  split: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  put(dir, 'x', '');
  writeSafetensors(join(dir, `${split}.safetensors`), new Map(Object.entries(tensors)), metadata);
}

const classes = { classes: '["cat", "dog"]' };

arrays('pixels, RGB and gray, are resized as the images that they are', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder, 4, 5);
    const images = u8([6, 3, 7, 9]);
    putArrays(config.dir, 'train', { images, labels: i32(0, 1, 1, 0, 1, 0) }, classes);
    putArrays(config.dir, 'validation', { images: u8([1, 3, 7, 9], 3), labels: i32(1) });
    putArrays(config.dir, 'test', { images: u8([1, 3, 7, 9], 5), labels: i32(0) });
    const data = await openDataset(config, { threads: 1 });
    assert.equal(data.classes, ['cat', 'dog']);
    assert.equal([labelsOf(data, 'train'), labelsOf(data, 'validation')], [[0, 1, 1, 0, 1, 0], [1]]);
    assert.is(data.nameOf?.('train', 4), 'train.safetensors#4');

    const gray = {
      ...config,
      dir: join(folder, 'gray'),
      features: { ...config.features, width: 9, height: 7 } as never,
    };
    putArrays(gray.dir, 'train', { images: u8([6, 1, 7, 9]), labels: i32(0, 1, 1, 0, 1, 0) });
    const grays = await openDataset(gray, { threads: 1 });
    assert.equal(grays.classes, ['class 0', 'class 1']);
    const { train, validation, test } = grays.splits;
    assert.equal([train.samples, validation.samples, test.samples], [2, 2, 2], 'split off train');
    const plane = u8([6, 1, 7, 9]).data.subarray(0, 63) as Uint8Array;
    const all = (['train', 'validation', 'test'] as const).flatMap((split) => samplesOf(grays, split));
    assert.ok(all.some((sample) => Buffer.from(sample).equals(Buffer.concat([plane, plane, plane]))));

    // The same images as PNG files.
    const files = join(folder, 'files');
    for (let n = 0; n < 6; n++) {
      const rgb = Uint8Array.from(
        { length: 189 },
        (_, k) => images.data[n * 189 + (k % 3) * 63 + Math.floor(k / 3)] as number,
      );
      put(
        files,
        `${n}.png`,
        await sharp(rgb, { raw: { width: 9, height: 7, channels: 3 } })
          .png()
          .toBuffer(),
      );
    }
    for (const list of ['train', 'val', 'test'])
      put(files, `${list}.txt`, Array.from({ length: 6 }, (_, n) => `${n}.png ${n % 2}\n`).join(''));
    const decoded = await openDataset({ ...config, dir: files }, { threads: 1 });
    assert.equal(samplesOf(data, 'train'), samplesOf(decoded, 'train'));
  }),
);

arrays('values are taken as they are', () =>
  inFolder(async (folder) => {
    for (const shape of [[5], [2, 3, 4]]) {
      const dir = join(folder, `values-${shape.length}`);
      const config = { ...pixelsConfig(folder), dir, features: { type: 'values', shape } as const };
      const values = f32([8, ...shape]);
      putArrays(dir, 'train', { values, labels: i32(0, 1, 0, 1, 0, 1, 0, 1) });
      const data = await openDataset(config, { threads: 1 });
      assert.equal([data.sampleType, data.sampleShape], ['float32', shape]);
      assert.equal(data.normalization, { mean: [], deviation: [] });
      const source = await sourceOf(dir);
      const size = shape.reduce((a, b) => a * b);
      for (const [i, sample] of samplesOf(data, 'train').entries()) {
        const from = Number(namesOf(source, 'train')[i]!.split('#')[1]);
        assert.equal(new Float32Array(sample.buffer), values.data.slice(from * size, (from + 1) * size));
      }
    }
  }),
);

arrays('files of images are decoded, wherever they lie in the tensor', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder, 8, 8);
    const files = await Promise.all(
      [10, 90, 170, 250].map((r) =>
        sharp({ create: { width: 8, height: (r % 7) + 8, channels: 3, background: { r, g: 1, b: 2 } } })
          .png()
          .toBuffer(),
      ),
    );
    const whole = Uint8Array.from(Buffer.concat(files));
    const ends = BigInt64Array.from(files, (_, i) =>
      BigInt(files.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0)),
    );
    const tensors = {
      files: { dtype: 'U8', shape: [whole.length], data: whole },
      ends: { dtype: 'I64', shape: [4], data: ends },
      labels: i32(0, 1, 0, 1),
    } as const;
    for (const split of ['train', 'validation', 'test']) putArrays(config.dir, split, tensors, classes);
    const data = await openDataset(config, { threads: 1 });
    assert.equal(
      samplesOf(data, 'train').map(([red]) => red),
      [10, 90, 170, 250],
    );
  }),
);

const faults: readonly (readonly [string, Record<string, Tensor>, RegExp, Record<string, string>?])[] = [
  ['no labels', { images: u8([2, 3, 4, 4]) }, /expected the tensor labels, I32, I64 or U8 \[n\]; found none/],
  ['labels that are no integers', { images: u8([2, 3, 4, 4]), labels: f32([2]) }, /labels.*found F32 \[2\]/],
  [
    'nothing to see',
    { labels: i32(0, 1) },
    /found labels; expected labels, and one of images, values, files/,
  ],
  [
    'two things to see',
    { images: u8([2, 3, 4, 4]), values: f32([2, 4]), labels: i32(0, 1) },
    /expected labels, and one of/,
  ],
  [
    'channels last',
    { images: u8([2, 4, 4, 3]), labels: i32(0, 1) },
    /with 1 or 3 channels\. The channels come before the rows/,
  ],
  ['pixels that are floats', { images: f32([2, 3, 4, 4]), labels: i32(0, 1) }, /images is F32 .*expected U8/],
  [
    'values of three sizes',
    { values: f32([2, 3, 4]), labels: i32(0, 1) },
    /values is F32 \[2, 3, 4\]; expected/,
  ],
  [
    'more labels than samples',
    { images: u8([2, 3, 4, 4]), labels: i32(0, 1, 0) },
    /found 2 samples, and 3 labels/,
  ],
  ['a split without samples', { images: u8([0, 3, 4, 4]), labels: i32() }, /holds no samples/],
  [
    'a label that is no class',
    { images: u8([2, 3, 4, 4]), labels: i32(0, 2) },
    /#1: the label is 2, expected 0 to 1/,
    classes,
  ],
  ['a label below 0', { images: u8([2, 3, 4, 4]), labels: i32(0, -1) }, /#1: the label is "-1"/],
  [
    'classes that are no names',
    { images: u8([2, 3, 4, 4]), labels: i32(0, 1) },
    /classes that are no names/,
    { classes: '{}' },
  ],
  [
    'files that end too late',
    { files: u8([9]), ends: { dtype: 'I32', shape: [2], data: Int32Array.of(4, 10) }, labels: i32(0, 1) },
    /image 1 ends at byte 10 of files; expected 4 to 9/,
  ],
];

for (const [what, tensors, words, metadata] of faults) {
  arrays(`${what} is an error`, () =>
    inFolder(async (dir) => {
      putArrays(dir, 'train', tensors, metadata);
      assert.match(await dataFault(() => sourceOf(dir)), words);
    }),
  );
}

arrays('splits that differ, values that are not finite, and features that do not suit are errors', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    const labels = i32(0, 1, 0, 1, 0, 1);
    putArrays(config.dir, 'train', { images: u8([6, 3, 4, 4]), labels });
    putArrays(config.dir, 'test', { images: u8([6, 3, 4, 5]), labels });
    assert.is((await refusal(sourceOf(config.dir))).path, join(config.dir, 'test.safetensors'));
    assert.match(
      await dataFault(() => sourceOf(config.dir)),
      /test\.safetensors: found images of \[3, 4, 5\], expected/,
    );
    putArrays(config.dir, 'test', { images: u8([6, 3, 4, 4]), labels });
    const open = (dir: string, features: object) =>
      openDataset({ ...config, dir, features } as never, { threads: 1 });
    const asValues = { type: 'values', shape: [3, 4, 4] };
    assert.match(
      await dataFault(() => open(config.dir, asValues)),
      /holds images, and data\.features is values/,
    );
    const dir = join(folder, 'values');
    putArrays(dir, 'train', { values: f32([6, 4], (i) => (i === 9 ? Number.NaN : i)), labels });
    assert.match(
      await dataFault(() => open(dir, config.features)),
      /holds values, float32 \[4\] a sample.*set it to \{ "type": "values"/,
    );
    assert.match(
      await dataFault(() => open(dir, { type: 'values', shape: [3] })),
      /data\.features is values of shape \[3\]/,
    );
    assert.match(
      await dataFault(() => open(dir, { type: 'values', shape: [4] })),
      /samples\[2\] \(in .*train\.safetensors\): its value 1 is NaN/,
    );
    const source = await sourceOf(dir);
    assert.match(
      await dataFault(() => inspectSource(source, { threads: 1, limits: config })),
      /no images to look at/,
    );
  }),
);

arrays.run();
