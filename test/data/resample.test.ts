import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '#lockstep/data/images/decode.js';
import { resample } from '#lockstep/data/images/resample.js';
import { inFolder, put } from '../support/data-helpers.js';

const resampling = suite('resampling');

const gray = (width: number, height: number, values: readonly number[]) => ({
  width,
  height,
  rgb: Uint8Array.from(values.flatMap((value) => [value, value, value])),
});
const red = (rgb: Uint8Array) => [...rgb.filter((_, i) => i % 3 === 0)];

resampling('half the size is the mean of 2 x 2, rounded', () => {
  const image = gray(4, 2, [0, 10, 255, 255, 20, 31, 255, 255]);
  assert.equal(red(resample(image, 2, 1)), [15, 255]);
});

resampling('a part of a pixel counts by its part', () => {
  assert.equal(red(resample(gray(3, 1, [0, 90, 240]), 2, 1)), [30, 190]);
});

resampling('enlarging is linear between the centres', () => {
  assert.equal(red(resample(gray(2, 1, [0, 100]), 4, 1)), [0, 25, 75, 100]);
  assert.equal(red(resample(gray(1, 2, [0, 100]), 1, 4)), [0, 25, 75, 100]);
});

resampling('one colour stays that colour at any size', () => {
  for (const [width, height] of [
    [1, 1],
    [7, 3],
    [64, 5],
    [33, 100],
  ] as const) {
    const out = resample(gray(13, 11, Array(143).fill(255)), width, height);
    assert.is(out.length, 3 * width * height);
    assert.ok(out.every((value) => value === 255));
  }
});

resampling('channels stay apart', () => {
  const rgb = Uint8Array.of(10, 20, 30, 30, 40, 50);
  assert.equal([...resample({ width: 2, height: 1, rgb }, 1, 1)], [20, 30, 40]);
});

resampling('files of any size come out as sharp resizes them, within 16 of 255 (its kernel is another)', () =>
  inFolder(async (folder) => {
    for (const size of [64, 600]) {
      const smooth = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
        const [x, y] = [Math.floor(i / 3) % size, Math.floor(i / 3 / size)];
        return (127 * (x + y)) / size + 20 * (i % 3);
      });
      const raw = { raw: { width: size, height: size, channels: 3 } } as const;
      const path = put(folder, 'a.jpg', await sharp(smooth, raw).jpeg({ quality: 95 }).toBuffer());
      const expected = await sharp(path).resize(24, 16, { fit: 'fill' }).raw().toBuffer();
      const { rgb: found } = await decodeImage({ file: path }, { type: 'file' }, 24, 16, {
        maxPixels: 1e6,
        maxImageMemory: 1024,
        background: [255, 255, 255],
      });
      assert.is(found.length, expected.length);
      const furthest = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));
      assert.ok(furthest <= 16, `${furthest} at ${size} pixels`);
    }
  }),
);

resampling.run();
