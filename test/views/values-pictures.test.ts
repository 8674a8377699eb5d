import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { samplePicture } from '#lockstep/views/dashboard/sample-picture.js';
import { filterPictures } from '#lockstep/views/pictures/filters.js';

const pictures = suite('pictures of values');

const pictureOf = (shape: readonly number[], values: readonly number[]) => {
  const format = {
    sampleType: 'float32',
    sampleShape: shape,
    normalization: { mean: [], deviation: [] },
  } as const;
  return samplePicture(format, new Uint8Array(Float32Array.from(values).buffer));
};
/** Of each pixel its red, green and blue. */
const rows = ({ rgb }: { readonly rgb: Uint8Array }) =>
  Array.from({ length: rgb.length / 3 }, (_, i) => [...rgb.subarray(3 * i, 3 * i + 3)]);
const gray = (...levels: readonly number[]) => levels.map((level) => [level, level, level]);

pictures(
  'maps: three are colours, of others the mean is shown, the smallest value black and the largest white',
  () => {
    const colours = pictureOf([3, 1, 2], [-2, 0, 0, 0, 0, 2]);
    assert.equal([colours.width, colours.height], [2, 1]);
    assert.equal(rows(colours), [
      [0, 128, 128],
      [128, 128, 255],
    ]);
    assert.equal(rows(pictureOf([2, 1, 2], [0, 10, 10, 10])), gray(127, 255));
    assert.equal(rows(pictureOf([1, 1, 2], [5, 5])), gray(0, 0), 'all the same');
  },
);

pictures('flat values stand row by row in a square, and a histogram in bars', () => {
  const square = pictureOf([5], [0, 5, 10, 15, 20]);
  assert.equal([square.width, square.height], [3, 2]);
  assert.equal(rows(square), gray(0, 64, 128, 191, 255, 0));
  assert.is(pictureOf([6], [0, 1, 0.5, 0, 1, 0]).height, 64);
  assert.is(pictureOf([6], [0, 1, 2, 0, 1, 0]).height, 2, 'no histogram: a value is above 1');
});

pictures('filters over flat values, unless they are of histograms', () => {
  const [square] = filterPictures([1, 6], [1, -1, 0, 0, 0, 1], [6], false);
  assert.equal([square!.width, square!.height], [3, 2]);
  assert.equal(rows(square!), gray(255, 0, 128, 128, 128, 255));
  const [bins] = filterPictures([1, 6], [1, -1, 0, 0, 0, 1], [6]);
  assert.equal([bins!.width, bins!.height], [2, 3]);
  const [odd] = filterPictures([1, 5], [1, 0, 0, 0, 0], [5]);
  assert.equal([odd!.width, odd!.height], [3, 2], 'no three channels');
});

pictures.run();
