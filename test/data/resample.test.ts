import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeImage } from '#lockstep/data/images/decode.js';
import { resample } from '#lockstep/data/images/resample.js';
import { hash } from '#lockstep/numerics/random.js';
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

resampling('partly covered pixels count by their covered share', () => {
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

resampling('channels do not mix', () => {
  const rgb = Uint8Array.of(10, 20, 30, 30, 40, 50);
  assert.equal([...resample({ width: 2, height: 1, rgb }, 1, 1)], [20, 30, 40]);
});

/** Rectangles of any colour, their edges sharp, and noise: harder than a photograph. */
function drawing(width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let n = 0; n < 400; n++) {
    const at = (k: number, below: number) => hash(n, k) % below;
    const [left, top] = [at(0, width), at(1, height)];
    const [right, bottom] = [left + at(2, width >> 2), top + at(3, height >> 2)];
    for (let y = top; y < Math.min(bottom, height); y++) {
      for (let x = left; x < Math.min(right, width); x++) {
        for (let c = 0; c < 3; c++) rgb[3 * (y * width + x) + c] = at(4 + c, 256);
      }
    }
  }
  return rgb.map((value, i) => Math.min(255, Math.max(0, value + (hash(i) % 31) - 15)));
}

/** What the one filter makes of all of a file's pixels. */
async function filtered(file: Buffer, width: number, height: number): Promise<Uint8Array> {
  const { data, info } = await sharp(file).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return resample({ rgb: data, width: info.width, height: info.height }, width, height);
}

resampling('files of any size have one filter: below 8 times the sample to the byte, above nearly', () =>
  inFolder(async (folder) => {
    for (const [width, height] of [
      [64, 64],
      [256, 256],
      [257, 256],
      [20, 700],
      [255, 3000],
      [256, 257],
      [500, 375],
      [511, 383],
      [1021, 767],
      [2049, 1300],
    ] as const) {
      const pixels = sharp(drawing(width, height), { raw: { width, height, channels: 3 } });
      for (const [name, file] of [
        ['a.jpg', await pixels.clone().jpeg({ quality: 95 }).toBuffer()],
        ['a.png', await pixels.clone().png().toBuffer()],
      ] as const) {
        const expected = await filtered(file, 32, 24);
        const path = put(folder, name, file);
        const { rgb: found } = await decodeImage({ file: path }, { type: 'file' }, 32, 24, {
          maxPixels: 1e8,
          maxImageMemory: 1024,
          background: [255, 255, 255],
        });
        const differences = [...found].map((value, i) => Math.abs(value - expected[i]!));
        const largest = Math.max(...differences);
        const mean = differences.reduce((a, b) => a + b) / differences.length;
        const isShrunkBefore = Math.min(width, height) >= 8 * 32;
        assert.ok(largest <= (isShrunkBefore ? 12 : 0), `${width} x ${height}, ${name}: ${largest}`);
        assert.ok(mean <= 1.5, `${width} x ${height}, ${name}: ${mean} on average`);
      }
    }
  }),
);

resampling.run();
