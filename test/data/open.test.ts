import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { DataConfig } from '#lockstep/config/schema.js';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { type DataProgress, openDataset } from '#lockstep/data/open.js';
import { openSource } from '#lockstep/data/sources/open.js';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { temporaryName } from '#lockstep/files/temporary.js';
import {
  dataFault,
  inFolder,
  labelsOf,
  pixelsConfig,
  plain,
  put,
  putDataset,
  samplesOf,
} from '../support/data-helpers.js';
import { needing } from '../support/needing.js';

const open = suite('openDataset');

const options = { threads: 2 };

open('every format becomes 8-bit sRGB, planar', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    const orange = plain([200, 100, 50]);
    const images: Record<string, [Buffer, readonly number[]]> = {
      'color.jpg': [await orange.clone().jpeg({ quality: 100 }).toBuffer(), [200, 100, 50]],
      'gray.jpg': [
        await orange.clone().toColourspace('b-w').jpeg({ quality: 100 }).toBuffer(),
        [124, 124, 124],
      ],
      'clear.png': [await plain([9, 9, 9]).ensureAlpha(0).png().toBuffer(), [255, 255, 255]],
      'half.png': [await orange.clone().ensureAlpha(0.5).png().toBuffer(), [227, 177, 152]],
      'gray-alpha.png': [
        await plain([100, 100, 100]).grayscale().ensureAlpha(0.5).png().toBuffer(),
        [177, 177, 177],
      ],
      'ink.jpg': [
        await orange.clone().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
        [200, 97, 35],
      ],
      'deep.png': [await orange.clone().toColourspace('rgb16').png().toBuffer(), [200, 100, 50]],
      'palette.png': [await orange.clone().png({ palette: true }).toBuffer(), [200, 100, 50]],
      'a b.webp': [await orange.clone().webp({ lossless: true }).toBuffer(), [200, 100, 50]],
      'c.gif': [await orange.clone().gif().toBuffer(), [200, 100, 50]],
    };
    assert.is((await sharp(images['ink.jpg']![0]).metadata()).space, 'cmyk');
    assert.is((await sharp(images['gray.jpg']![0]).metadata()).channels, 1);
    assert.is((await sharp(images['deep.png']![0]).metadata()).depth, 'ushort');
    putDataset(
      config.dir,
      Object.fromEntries(Object.entries(images).map(([name, [bytes]]) => [name, bytes])),
    );
    const data = await openDataset(config, options);
    assert.equal(data.sampleShape, [3, 4, 4]);
    assert.is(data.sampleType, 'uint8');
    assert.equal(labelsOf(data, 'train'), [...Object.keys(images).keys()]);
    const samples = samplesOf(data, 'test');
    Object.entries(images).forEach(([name, [, color]], i) => {
      // Lossy coding and the conversion of inks move a value a little.
      const near = name === 'ink.jpg' ? 15 : 5;
      samples[i]!.forEach((value, at) => {
        const wanted = color[Math.floor(at / 16)]!;
        assert.ok(Math.abs(value - wanted) <= near, `${name}: ${value}, expected ${wanted}`);
      });
    });
  }),
);

open('an image of the wanted size keeps its pixels; EXIF turns it upright', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder, 3, 2);
    const upright = Uint8Array.from({ length: 18 }, (_, i) => 13 * i);
    const pixels = (width: number, height: number, data: Uint8Array) =>
      sharp(data, { raw: { width, height, channels: 3 } });
    // Orientation 6 is stored a quarter turn to the left: 2 x 3 whose columns, bottom up, are the rows.
    const at = (x: number, y: number) => upright.subarray(3 * (3 * y + x), 3 * (3 * y + x) + 3);
    const turned = Buffer.concat([at(2, 0), at(2, 1), at(1, 0), at(1, 1), at(0, 0), at(0, 1)].map((p) => p));
    const flipped = Buffer.concat([turned.subarray(12), turned.subarray(6, 12), turned.subarray(0, 6)]);
    putDataset(config.dir, {
      'a.png': await pixels(3, 2, upright).png().toBuffer(),
      'b.png': await pixels(2, 3, turned).withMetadata({ orientation: 6 }).png().toBuffer(),
      'c.png': await pixels(2, 3, flipped).withMetadata({ orientation: 5 }).png().toBuffer(),
    });
    const [a, b, c] = samplesOf(await openDataset(config, options), 'train');
    const planar = Uint8Array.from({ length: 18 }, (_, i) => upright[3 * (i % 6) + Math.floor(i / 6)]!);
    assert.equal(a, planar);
    assert.equal(b, planar);
    assert.equal(c, planar);
  }),
);

/** A set with three good images and five bad ones. */
async function putBroken(config: DataConfig): Promise<void> {
  const noise = sharp(
    Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251),
    {
      raw: { width: 64, height: 64, channels: 3 },
    },
  );
  const jpeg = await noise.clone().jpeg().toBuffer();
  const png = await noise.clone().png().toBuffer();
  const good = await plain([1, 2, 3]).png().toBuffer();
  putDataset(config.dir, {
    'good 0.png': good,
    'cut.jpg': jpeg.subarray(0, jpeg.length / 2),
    'cut.png': png.subarray(0, png.length / 2),
    'empty.jpg': new Uint8Array(0),
    'good 4.png': good,
    'text.jpg': Buffer.from('no image at all'),
    'large.png': await plain([5, 5, 5], 1001, 1000).png().toBuffer(),
    'good 7.png': good,
  });
  const lines = readFileSync(join(config.dir, 'train.txt'), 'utf8');
  put(config.dir, 'train.txt', `${lines}\ngone.png 3\n`);
}

open('all broken images are listed, each with its line and the reason', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    await putBroken(config);
    const message = await dataFault(() => openDataset(config, options));
    const [head, ...lines] = message.split('\n');
    assert.match(head!, /^16 images cannot be used/);
    assert.is(lines.length, 16);
    const expected: [string, string, RegExp][] = [
      ['cut.jpg', 'train.txt:2', /cut short/],
      ['cut.png', 'train.txt:3', /cut short/],
      ['empty.jpg', 'train.txt:4', /the file is empty/],
      ['text.jpg', 'train.txt:6', /no image, or of a format that is not read/],
      ['large.png', 'train.txt:7', /1,001 x 1,000 pixels, more than the 1,000,000/],
      ['gone.png', 'train.txt:10', /no such file/],
      ['cut.jpg', 'val.txt:2', /cut short/],
    ];
    expected.forEach(([file, line, reason], i) => {
      assert.ok(lines[i]!.startsWith(`${config.dir}/${file} (${line}): `), lines[i]);
      assert.match(lines[i]!, reason);
    });
    let reused = 0;
    const onProgress = (progress: DataProgress) => {
      reused = progress.reused!;
    };
    assert.is(await dataFault(() => openDataset(config, { ...options, onProgress })), message);
    assert.is(reused, 9, 'the good images are not decoded again');
  }),
);

open('skipBadImages leaves them out and says so', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    await putBroken(config);
    const data = await openDataset({ ...config, skipBadImages: true }, options);
    for (const split of ['train', 'validation', 'test'] as const) {
      assert.equal(labelsOf(data, split), [0, 4, 7]);
      for (const sample of samplesOf(data, split)) assert.equal([...new Set(sample)], [1, 2, 3]);
    }
    assert.is(data.skipped.length, 16);
    assert.is(data.skipped[5]?.file, 'gone.png');
    assert.match(data.skipped[5]!.reason, 'no such file');
    const again = await openDataset({ ...config, skipBadImages: true }, options);
    assert.equal(again, data);
    assert.ok(Math.abs(data.normalization.mean[0]! - 2 / 255) < 1e-15, 'the mean is of the good images');
  }),
);

open('each sample has the name of its image, packed now or before, with images left out or not', () =>
  inFolder(async (folder) => {
    const config = { ...pixelsConfig(folder), skipBadImages: true };
    await putBroken(config);
    for (let times = 0; times < 2; times++) {
      const data = await openDataset(config, options);
      const { splits } = await openSource(config);
      const left = new Set(data.skipped.map(({ file }) => file));
      const images = Array.from(splits.test.labels, (_, image) => splits.test.nameOf(image));
      const kept = images.filter((name) => !left.has(name));
      assert.is(kept.length, 3);
      assert.equal(
        kept.map((_, i) => data.nameOf!('test', i)),
        kept,
      );
      assert.is(data.nameOf!('test', 3), undefined);
      // Threads get a copy of the dataset.
      assert.equal(structuredClone(data), { ...data });
    }
  }),
);

open('a split that loses all images by skipping is an error', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    put(config.dir, 'val.txt', 'gone.png 0\n');
    assert.match(
      await dataFault(() => openDataset({ ...config, skipBadImages: true }, options)),
      /no image of validation is left of 1.*no such file/,
    );
  }),
);

open('the mean and the deviation are those of the training pixels', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    putDataset(config.dir, {
      'a.png': await plain([10, 20, 77]).png().toBuffer(),
      'b.png': await plain([30, 80, 77]).png().toBuffer(),
    });
    put(config.dir, 'test.txt', 'b.png 0\n');
    const of = async (normalize: 'mean' | 'channels' | 'none') => {
      const features = { type: 'pixels', width: 4, height: 4, normalize } as const;
      return (await openDataset({ ...config, features }, options)).normalization;
    };
    const mean = (10 + 20 + 77 + 30 + 80 + 77) / 6 / 255;
    assert.equal(await of('mean'), { mean: [mean, mean, mean], deviation: [1, 1, 1] });
    assert.equal(await of('none'), { mean: [0, 0, 0], deviation: [1, 1, 1] });
    assert.equal(await of('channels'), {
      mean: [20 / 255, 50 / 255, 77 / 255],
      deviation: [10 / 255, 30 / 255, 1],
    });
    assert.is(readdirSync(config.cache).length, 1, 'one packed file serves all three');
  }),
);

open('a second start decodes nothing; a changed image, list or setting makes another file', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    mkdirSync(config.cache);
    put(config.cache, 'set-dead.safetensors.1-00000000.tmp', 'left by a run that was killed');
    let decoded = 0;
    const at = async (changed: Partial<DataConfig> = {}) => {
      decoded = 0;
      const onProgress = () => decoded++;
      return openDataset({ ...config, ...changed }, { ...options, onProgress });
    };
    const keys = new Set<string>();
    const isNew = ({ key, path }: PackedDataset) => {
      assert.ok(existsSync(join(config.cache, `set-${key.slice(0, 16)}.safetensors`)), path);
      keys.add(key);
    };
    const first = await at();
    isNew(first);
    assert.is(decoded, 3);
    assert.equal(await at(), first);
    assert.is(decoded, 0);

    utimesSync(join(config.dir, 'a.png'), 1_000_000, 1_000_000);
    isNew(await at());
    put(config.dir, 'a.png', await plain([4, 5, 6]).png().toBuffer());
    const changed = await at();
    isNew(changed);
    assert.is(samplesOf(changed, 'train')[0]![0], 4);
    put(config.dir, 'val.txt', 'a.png 0\na.png 0\n');
    isNew(await at());
    isNew(await at({ maxPixels: 2_000_000 }));
    isNew(await at({ skipBadImages: true }));
    isNew(await at({ background: [0, 0, 0] }));
    isNew(await at({ features: { type: 'pixels', width: 5, height: 4, normalize: 'mean' } }));
    assert.is(decoded, 3);
    assert.is(keys.size, 8);
  }),
);

open('a damaged packed file is made again', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    const data = await openDataset(config, options);
    const whole = readFileSync(data.path);
    truncateSync(data.path, whole.length - 1);
    assert.equal(await openDataset(config, options), data);
    assert.equal(readFileSync(data.path), whole);
  }),
);

open('two calls at once, with any number of threads, give the same bytes', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder, 8, 8);
    const images: Record<string, Buffer> = {};
    for (let i = 0; i < 150; i++)
      images[`${i}.jpg`] = await plain([i, 255 - i, 7], 16, 12)
        .jpeg()
        .toBuffer();
    putDataset(config.dir, images);
    const [one, two] = await Promise.all([
      openDataset(config, { threads: 1 }),
      openDataset(config, { threads: 3 }),
    ]);
    assert.equal(one, two);
    const bytes = readFileSync(one.path);
    assert.equal(readdirSync(config.cache).length, 1);
    const elsewhere = { ...config, cache: join(folder, 'other') };
    assert.equal(readFileSync((await openDataset(elsewhere, { threads: 4 })).path), bytes);
  }),
);

open('paths that the system rejects are reported as unreadable images', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    symlinkSync('loop.png', join(config.dir, 'loop.png'));
    const rejected = ['a.png/b.png', `${'x'.repeat(300)}.png`, 'loop.png'];
    put(config.dir, 'train.txt', ['a.png', ...rejected].map((path) => `${path} 0\n`).join(''));
    const lines = (await dataFault(() => openDataset(config, options))).split('\n').slice(1);
    assert.is(lines.length, 3);
    ['ENOTDIR', 'ENAMETOOLONG', 'ELOOP'].forEach((code, i) => {
      assert.match(lines[i]!, `(train.txt:${i + 2}): ${code}`);
    });
    const data = await openDataset({ ...config, skipBadImages: true }, options);
    assert.equal(
      data.skipped.map(({ file }) => file),
      rejected,
    );
  }),
);

open('an image that disappears between listing and decoding is named, or left out', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    const png = await plain([1, 2, 3]).png().toBuffer();
    putDataset(config.dir, { 'a.png': png, 'b.png': png, 'c.png': png });
    const source = await openSource(config);
    rmSync(join(config.dir, 'b.png'));
    const message = await dataFault(() => openDataset(config, { ...options, source }));
    assert.match(message, /b\.png \(train\.txt:2\): no such file/);
    assert.equal(
      readdirSync(config.cache).filter((name) => name.endsWith('.safetensors')),
      [],
    );
    const data = await openDataset({ ...config, skipBadImages: true }, { ...options, source });
    assert.equal(
      data.skipped.map(({ file }) => file),
      ['b.png', 'b.png', 'b.png'],
    );
  }),
);

open('leftovers of ended processes are removed, and nothing else', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    mkdirSync(config.cache);
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const packed = join(config.cache, 'set-0123456789abcdef.safetensors');
    const alive = temporaryName(packed);
    const ofPid = (path: string, pid: number) =>
      temporaryName(path).replace(`-${process.pid}-`, () => `-${pid}-`);
    // Of another machine's process, which nobody here knows.
    const stale = temporaryName(packed).replace(/\.[0-9a-f]{6}-/, '.123456-');
    const oldDraft = temporaryName(packed, 'draft', dead);
    const keeps = [
      alive,
      ofPid(packed, dead).replace(/\.[0-9a-f]{6}-/, '.zzzzzz-'),
      ofPid(join(config.cache, 'other-0123456789abcdef.safetensors'), dead),
      temporaryName(packed, 'draft', dead),
    ];
    const removed = [ofPid(packed, dead), stale, oldDraft];
    for (const path of [...keeps, ...removed]) writeFileSync(path, '');
    for (const path of [stale, oldDraft]) utimesSync(path, 1_000_000, 1_000_000);
    await openDataset(config, options);
    for (const path of keeps) assert.ok(existsSync(path), path);
    for (const path of removed) assert.not.ok(existsSync(path), path);
  }),
);

needing(
  open,
  'Linux',
  process.platform === 'linux',
)('a process that nobody has waited for has ended', () =>
  inFolder(async (folder) => {
    const config = pixelsConfig(folder);
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    mkdirSync(config.cache);
    // What the shell has become does not know of its child.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const path = temporaryName(join(config.cache, 'set-0123456789abcdef.safetensors'), 'tmp', Number(said));
    writeFileSync(path, '');
    const state = () => /\) (\w)/.exec(readFileSync(`/proc/${Number(said)}/stat`, 'latin1'))![1];
    while (state() !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
    await openDataset(config, options);
    parent.kill();
    assert.not.ok(existsSync(path));
  }),
);

open('a cache that cannot be written is a UserError', () =>
  inFolder(async (folder) => {
    const config = { ...pixelsConfig(folder), cache: put(folder, 'file', '') };
    putDataset(config.dir, { 'a.png': await plain([1, 2, 3]).png().toBuffer() });
    try {
      await openDataset(config, options);
      assert.unreachable();
    } catch (error) {
      assert.instance(error, UserError);
      assert.is((error as UserError).exitCode, ExitCode.environment);
    }
  }),
);

open.run();
