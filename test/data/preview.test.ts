import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import * as assert from 'uvu/assert';
import { commandSuite, lockstep } from '../support/command-helpers.js';

const test = commandSuite('the data preview command');
const preview = (folder: string, ...args: readonly string[]) =>
  lockstep(folder, 'data', 'preview', '--config', 'config.json', ...args);

/** The picture's colours at points of a cell: column 0 is the image itself. */
async function cellsOf(path: string) {
  const { data, info } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return {
    info,
    // Cells of 16 x 16 pixels are enlarged five times, below a line of 28 pixels and behind names of 190.
    at: (row: number, column: number, x: number, y: number) => {
      const at = 3 * ((28 + row * 84 + 5 * y + 2) * info.width + 190 + column * 84 + 5 * x + 2);
      return [...data.subarray(at, at + 3)];
    },
  };
}

test('draws images and what epochs make of them', async (context) => {
  const folder = context.folder();
  const augmentation = 'training.augmentation={"cutout":{"size":6},"brightness":{"strength":0.5}}';
  const { code, stdout, stderr } = await preview(
    folder,
    ...['--set', augmentation, '--samples', '6', '--epochs', '3', '--seed', '4'],
  );
  assert.is(code, 0, stderr);
  assert.is(stdout, 'preview.png: 6 images, 3 epochs, seed 4; cutout, brightness\n');
  const { info, at } = await cellsOf(join(folder, 'preview.png'));
  assert.equal([info.width, info.height], [190 + 4 * 84 + 4, 28 + 6 * 84 + 4]);
  for (let label = 0; label < 6; label++) {
    // The first picture of each class: one colour.
    const level = (channel: number) => ((label + 1) & (1 << channel) ? 160 : 40);
    assert.equal(at(label, 0, 8, 8), [0, 1, 2].map(level));
    const seen = new Set<string>();
    for (let epoch = 1; epoch <= 3; epoch++) {
      for (let i = 0; i < 256; i++) seen.add(String(at(label, epoch, i % 16, i >> 4)));
    }
    assert.is(seen.size, 6, 'each epoch has two colours of its own: the picture, and the hole');
  }
});

test('draws each augmentation by itself, of every image', async (context) => {
  const folder = context.folder();
  const augmentation = 'training.augmentation={"grayscale":{},"cutout":{"size":40}}';
  const { code, stdout, stderr } = await preview(folder, '--set', augmentation, '--each', '--epochs', '2');
  assert.is(code, 0, stderr);
  assert.is(stdout, 'preview.png: 2 augmentations, 2 epochs, seed 1; grayscale, cutout\n');
  const { info, at } = await cellsOf(join(folder, 'preview.png'));
  assert.is(info.height, 28 + 2 * 84 + 4);
  // The first classes' pictures are red and green: 160 and 40.
  const gray = Math.round(0.299 * 160 + 0.701 * 40);
  for (const epoch of [1, 2]) {
    assert.equal(at(0, epoch, 8, 8), [gray, gray, gray]);
    assert.not.equal(at(1, epoch, 8, 8), at(1, 0, 8, 8));
  }
});

test('says what cannot be drawn', async (context) => {
  const folder = context.folder();
  for (const [args, says] of [
    [['--each'], /has no training\.augmentation to draw/],
    [['--samples', '0'], /--samples is 0, but needs a whole number from 1 to 100/],
    [
      ['--set', 'data.features={"type":"colorHistogram"}'],
      /sees colorHistogram, and only images can be shown/,
    ],
  ] as const) {
    const { code, stderr } = await preview(folder, ...args);
    assert.is(code, 2);
    assert.match(stderr, says);
  }
  assert.equal(readdirSync(folder), ['config.json']);
});

test.run();
