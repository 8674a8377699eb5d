import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { nobody } from '#lockstep/files/process-identity.js';
import { temporaryName } from '#lockstep/files/temporary.js';
import type { ArraysInput, Dataset, LabelledImage } from '#lockstep/index.js';
import {
  conv2d,
  dense,
  fit,
  flatten,
  fromArrays,
  fromIterable,
  imageFolder,
  loadConfig,
  type Run,
  relu,
  sequential,
  sgd,
} from '#lockstep/index.js';
import { classes, commandSuite, samples } from '../support/command-helpers.js';
import { refusal } from '../support/refusal.js';

const test = commandSuite('datasets of arrays');

/** The dataset's images as the arrays that a program has. */
const [height, width] = [16, 16];
const perImage = 3 * height * width;

async function pixelsOf(
  dataset: string,
): Promise<ArraysInput & Required<Pick<ArraysInput, 'validation' | 'test'>>> {
  const split = async (list: string) => {
    const lines = readFileSync(join(dataset, list), 'utf8').trimEnd().split('\n');
    const images = new Uint8Array(lines.length * perImage);
    const labels = new Int32Array(lines.length);
    for (const [i, line] of lines.entries()) {
      const [path, label] = line.split(' ') as [string, string];
      images.set(await sharp(join(dataset, path)).raw().toBuffer(), i * perImage);
      labels[i] = Number(label);
    }
    return { images, shape: [lines.length, height, width, 3], labels };
  };
  const [train, validation, test] = await Promise.all(['train.txt', 'val.txt', 'test.txt'].map(split));
  return { ...train!, validation: validation!, test: test! };
}

const network = () => sequential(conv2d(4, 3), relu(), flatten(), dense('classes'));
const train = (data: Dataset, out: string): Promise<Run> =>
  fit(network(), data, { epochs: 2, batchSize: 7, optimizer: sgd({ learningRate: 0.05 }), threads: 2, out });

const chw = (images: Uint8Array) => {
  const planar = new Uint8Array(images.length);
  const pixels = height * width;
  for (let k = 0; k < images.length; k++) {
    const i = k % perImage;
    planar[k - i + (i % 3) * pixels + Math.floor(i / 3)] = images[k]!;
  }
  return planar;
};

test('arrays and iterables of images train to the bits of their files', async ({ dataset, folder }) => {
  const root = folder();
  const dir = join(root, 'arrays');
  const cache = join(root, 'packed');
  const files = await train(
    await imageFolder(dataset, { size: [height, width], cache }),
    join(root, 'files'),
  );
  const expected = files.summary?.weightsSha256;
  const arrays = await pixelsOf(dataset);
  const data = await fromArrays(arrays, { dir, cache });
  assert.equal(data.samples, samples);
  assert.equal(
    data.classes,
    Array.from({ length: classes }, (_, i) => `class ${i}`),
  );
  assert.is((await train(data, join(root, '1'))).summary?.weightsSha256, expected, 'channels side by side');

  const planar = {
    ...arrays,
    images: chw(arrays.images as Uint8Array),
    shape: [24, 3, 16, 16],
    layout: 'chw',
  } as const;
  assert.is(
    (await train(await fromArrays(planar, { dir, cache }), join(root, '2'))).summary?.weightsSha256,
    expected,
    'planes',
  );

  const items = (split: Pick<ArraysInput, 'images' | 'labels'>, of: (i: number) => LabelledImage['image']) =>
    Array.from({ length: split.labels.length }, (_, i) => ({
      image: of(i),
      label: split.labels[i] as number,
    }));
  const raw = ({ images, labels }: Pick<ArraysInput, 'images' | 'labels'>) =>
    items({ images, labels }, (i) => ({
      pixels: (images as Uint8Array).subarray(i * perImage, (i + 1) * perImage),
      width,
      height,
      channels: 3,
    }));
  const pixels = await fromIterable(raw(arrays), {
    validation: raw(arrays.validation),
    test: raw(arrays.test),
    dir,
    cache,
  });
  assert.is((await train(pixels, join(root, '3'))).summary?.weightsSha256, expected, 'raw pixels');

  async function* paths(list: string): AsyncGenerator<LabelledImage> {
    for (const line of readFileSync(join(dataset, list), 'utf8').trimEnd().split('\n')) {
      const [path, label] = line.split(' ') as [string, string];
      const file = join(dataset, path);
      yield { image: Number(label) % 2 === 0 ? file : readFileSync(file), class: `class ${label}` };
    }
  }
  const decoded = await fromIterable(paths('train.txt'), {
    validation: paths('val.txt'),
    test: paths('test.txt'),
    dir,
    cache,
    size: 16,
  });
  assert.is(
    (await train(decoded, join(root, '4'))).summary?.weightsSha256,
    expected,
    'paths and bytes of files',
  );
});

test('the same arrays find what is written; what is cut short or left unfinished is made anew', async ({
  dataset,
  folder,
}) => {
  const root = folder();
  const dir = join(root, 'arrays');
  const arrays = await pixelsOf(dataset);
  const written = async (input: ArraysInput = arrays) => (await fromArrays(input, { dir })).config.dir;
  const first = await written();
  const file = join(first, 'validation.safetensors');
  const { ino, size } = statSync(file);
  assert.is(await written(), first);
  assert.is(statSync(file).ino, ino);
  assert.is.not(
    await written({ ...arrays, labels: Int32Array.from(arrays.labels as Int32Array).reverse() }),
    first,
  );
  assert.is.not(
    await written({ ...arrays, classes: Array.from({ length: classes }, (_, i) => `k${i}`) }),
    first,
  );
  truncateSync(file, 100);
  assert.is(await written(), first);
  assert.is(statSync(file).size, size);
  const before = readdirSync(dir);
  const left = temporaryName(join(dir, 'arrays'), 'tmp', nobody);
  mkdirSync(left);
  writeFileSync(join(left, 'train.bytes'), 'what a process left that ended');
  const broken = fromIterable(
    (function* () {
      yield { image: new Uint8Array(9), label: 0 };
      throw new Error('no more');
    })(),
    { dir },
  );
  assert.is((await broken.catch((error: Error) => error.message)) as string, 'no more');
  assert.equal(readdirSync(dir), before, 'nothing is left');
});

test('an image of an iterable that cannot be used has the name that the program knows', async ({
  dataset,
  folder,
}) => {
  const good = readFileSync(join(dataset, 'images/c0/0.png'));
  const fitted = async (...bad: ('train' | 'validation')[]) => {
    const samplesOf = (split: 'train' | 'validation') =>
      Array.from({ length: 12 }, (_, i) => ({
        image: i === 7 && bad.includes(split) ? good.subarray(0, 40) : good,
        label: i % 2,
      }));
    const options = { dir: join(folder(), 'arrays'), size: 16, validation: samplesOf('validation') };
    return refusal(train(await fromIterable(samplesOf('train'), options), join(folder(), 'run')));
  };
  const one = await fitted('train');
  assert.equal([one.code, one.path], ['data', 'samples[7]']);
  assert.match(one.message, /^1 image cannot be used; .*\n\s*samples\[7\] \(in .*train\.safetensors\): /);
  assert.is((await fitted('validation')).path, 'validation.samples[7]');
  const both = await fitted('train', 'validation');
  assert.is(both.path, undefined);
  assert.match(both.message, /^\s*samples\[7\].*\n\s*validation\.samples\[7\]/m);
});

test('a config trains on arrays at the size that it says, and images without one at their own', async ({
  dataset,
  folder,
}) => {
  const root = folder();
  const options = { dir: join(root, 'arrays'), cache: join(root, 'packed') };
  const config = await loadConfig(new URL('../../../configs/lenet5.json', import.meta.url).pathname);
  const data = await fromArrays(await pixelsOf(dataset), options);
  const own = await fit(config, data, { epochs: 1, threads: 1, out: join(root, 'config') });
  assert.equal(own.config.data.features, config.data.features);
  const sized = await fromArrays(await pixelsOf(dataset), { ...options, size: 8, normalize: 'channels' });
  assert.equal(sized.config.features, { type: 'pixels', width: 8, height: 8, normalize: 'channels' });
  const maps = Float32Array.from({ length: 20 * 2 * 6 * 5 }, (_, i) => Math.cos(i));
  const labels = Array.from({ length: 20 }, (_, i) => i % 2);
  const planes = await fromArrays({ images: maps, shape: [20, 2, 6, 5], layout: 'chw', labels }, options);
  assert.equal(planes.config.features, { type: 'values', shape: [2, 6, 5] });
  const run = await train(planes, join(root, 'planes'));
  assert.is(run.epochs.length, 2);
  const items = labels.map((label, i) => ({ image: { values: maps.subarray(60 * i, 60 * i + 60) }, label }));
  const collected = await fromIterable(items, { ...options, shape: [2, 6, 5] });
  const again = await train(collected, join(root, 'again'));
  assert.is(again.summary?.weightsSha256, run.summary?.weightsSha256);
});

test('says what is wrong with arrays, and where', async ({ folder }) => {
  const dir = join(folder(), 'arrays');
  const good: ArraysInput = {
    images: new Uint8Array(6 * 48),
    shape: [6, 4, 4, 3],
    labels: [0, 1, 0, 1, 0, 1],
  };
  const floats = { images: new Float32Array(6 * 48), shape: [6, 48], labels: good.labels };
  const faults: readonly (readonly [object, string, RegExp])[] = [
    [{ images: [1, 2] }, 'images', /expected a Uint8Array of pixels or a Float32Array/],
    [{ shape: [6, 4, 4] }, 'shape', /\[6, 4, 4\] are 96 values; images has 288/],
    [{ shape: [6, 0, 4, 3] }, 'shape', /expected a list of sizes from 1/],
    [{ shape: [6, 3, 4, 4] }, 'shape', /found 4 channels; expected 1 or 3 \(is the layout chw\?/],
    [{ shape: [6, 48] }, 'shape', /found 2 sizes; expected \[n, height, width, channels\]/],
    [{ layout: 'nhwc' }, 'layout', /found "nhwc"; expected hwc or chw/],
    [{ labels: [0, 1] }, 'labels', /found 2 for 6 samples/],
    [{ labels: [0, 1, 0, -1, 0, 1] }, 'labels[3]', /found -1; expected a number from 0 to 1/],
    [{ labels: [0, 1, 0, 0.5, 0, 1] }, 'labels[3]', /found 0\.5/],
    [{ labels: ['a', 'b', 'a', 'b', 'a', 1] }, 'labels[5]', /found 1; expected one of a, b/],
    [
      { classes: ['a', 'b'], labels: ['a', 'b', 'c', 'b', 'a', 'b'] },
      'labels[2]',
      /found "c"; expected the number of a class, or one of a, b/,
    ],
    [{ classes: ['a', 'a'] }, 'classes', /the name "a" is in it twice/],
    [
      { validation: { ...good, labels: [0, 1, 2, 1, 0, 1] } },
      'validation.labels[2]',
      /found 2; expected a number from 0 to 1/,
    ],
    [
      { validation: floats },
      'validation.shape',
      /found values of \[48\], channels first; expected images of \[3, 4, 4\]/,
    ],
    [{ ...floats, shape: [6, 4, 4, 3] }, 'layout', /say where the channels are/],
    [
      { ...floats, images: new Float32Array(6 * 48).fill(Number.NaN, 50) },
      'images[50]',
      /found NaN in sample 1/,
    ],
  ];
  for (const [fault, path, words] of faults) {
    const error = await refusal(fromArrays({ ...good, ...fault } as ArraysInput, { dir }));
    assert.match(error.message, words);
    assert.equal([error.path, error.code], [path, 'data'], error.message);
  }
  assert.is((await refusal(fromArrays(floats, { dir, size: 4 }))).path, 'size');

  const image = new Uint8Array(9);
  const raw = { pixels: new Uint8Array(12), width: 2, height: 2, channels: 3 } as const;
  const iterables: readonly (readonly [readonly unknown[], string, RegExp])[] = [
    [[], 'samples', /it gave none/],
    [[{ image, label: 0 }, { image }], 'samples[1]', /found no class/],
    [[{ label: 0 }], 'samples[0]', /found no image/],
    [[{ image: 'nowhere.png', label: 0 }], 'samples[0]', /nowhere\.png cannot be read: ENOENT/],
    [
      [
        { image: raw, label: 0 },
        { image: { ...raw, width: 1, height: 4 }, label: 1 },
      ],
      'samples[1]',
      /found raw pixels of \[3, 4, 1\]; expected raw pixels of \[3, 2, 2\]/,
    ],
    [
      [
        { image: raw, label: 0 },
        { image, label: 1 },
      ],
      'samples[1]',
      /found an image file; expected raw pixels/,
    ],
    [[{ image: { ...raw, width: 3 }, label: 0 }], 'samples[0]', /it has 12 values; expected 3 x 2 x 3/],
    [[{ image: { ...raw, pixels: new Uint8Array(16), channels: 4 }, label: 0 }], 'samples[0]', /with alpha/],
    [
      [
        { image: { values: [1, 2] }, label: 0 },
        { image: { values: [1] }, label: 1 },
      ],
      'samples[1]',
      /found values of \[1\]; expected values of \[2\]/,
    ],
  ];
  for (const [items, path, words] of iterables) {
    const error = await refusal(fromIterable(items as LabelledImage[], { dir }));
    assert.match(error.message, words);
    assert.is(error.path, path, error.message);
  }
  assert.equal(readdirSync(dir), [], 'nothing is left');
});

test.run();
