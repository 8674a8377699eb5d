import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hashWeights } from '#lockstep/runs/weights.js';
import { layersConfig, withDataset, withEngine } from '../../support/engine-helpers.js';
import { at, classes, labels, map, near, original, pixels, samples, seen, shape } from './seen.js';

const augment = suite('augmented samples');

augment('are left alone by an evaluation, and where nothing is asked for', () => {
  for (const { sample, values, label, share } of [
    ...seen({ flip: { probability: 1 }, brightness: { strength: 0.5 } }, { training: false }),
    ...seen({}),
  ]) {
    assert.ok(near(values, original(sample)), `sample ${sample}`);
    assert.equal([label, share], [sample % classes, 1]);
  }
});

augment('flip', () => {
  const mirror = (sample: number) => map(original(sample), (c, r, x) => at(original(sample), c, r, 9 - x)!);
  for (const { sample, values } of seen({ flip: { probability: 1 } }))
    assert.ok(near(values, mirror(sample)));
  const half = seen({ flip: {} });
  const flipped = half.filter(({ sample, values }) => near(values, mirror(sample))).length;
  assert.ok(flipped > 4 && flipped < 20, `${flipped} of 24`);
  assert.is(flipped + half.filter(({ sample, values }) => near(values, original(sample))).length, samples);
});

/** All shifts that a crop of 1 or 2 pixels gives, where what lies outside the image is `border`'s. */
function shiftsSeen(crop: object, padding: number, border: (sample: number) => Border): Set<string> {
  const shifts = new Set<string>();
  const moves = Array.from({ length: 2 * padding + 1 }, (_, i) => i - padding);
  for (let epoch = 1; epoch <= 60; epoch++) {
    for (const { sample, values } of seen({ crop: { padding, ...crop } }, { epoch })) {
      const outside = border(sample);
      const shift = moves
        .flatMap((down) => moves.map((right) => [down, right] as const))
        .find(([down, right]) =>
          near(
            values,
            map(values, (c, r, x) => {
              const [row, column] = [r + down, x + right];
              const inside = row >= 0 && row < 6 && column >= 0 && column < 10;
              return inside ? at(original(sample), c, row, column)! : outside(c, row, column);
            }),
          ),
        );
      assert.ok(shift !== undefined, `sample ${sample} of epoch ${epoch} is no shift`);
      shifts.add(String(shift));
    }
  }
  return shifts;
}

type Border = (channel: number, row: number, column: number) => number;

augment('crop: every shift comes up, and the border has the mean colour', () => {
  assert.is(shiftsSeen({}, 1, () => (c) => [102, 128, 153][c]!).size, 9);
});

augment("crop: a reflected border has what is as far inside of the image's edge", () => {
  const inside = (i: number, size: number) => size - 1 - Math.abs(size - 1 - Math.abs(i));
  const reflected =
    (sample: number): Border =>
    (c, row, column) =>
      at(original(sample), c, inside(row, 6), inside(column, 10))!;
  assert.is(shiftsSeen({ border: 'reflect' }, 2, reflected).size, 25);
});

augment('cutout: a square of the mean colour, the rest as it was', () => {
  for (const { sample, values } of seen({ cutout: { size: 3 } })) {
    const changed = values.flatMap((value, i) => (Math.abs(value - original(sample)[i]!) < 1e-3 ? [] : [i]));
    const rows = new Set(changed.map((i) => Math.floor(i / 10) % 6));
    const columns = new Set(changed.map((i) => i % 10));
    assert.ok(changed.length > 0 && rows.size <= 3 && columns.size <= 3, `sample ${sample}`);
  }
});

augment('brightness and contrast: one line for all values of an image, within their limits', () => {
  const inner = (value: number) => value > 40 && value < 180; // no value that is clamped
  for (const [augmentation, slope, fixed] of [
    [{ brightness: { strength: 0.3 } }, 0.3, 0],
    [{ contrast: { strength: 0.3 } }, 0.3, 127.5],
  ] as const) {
    const factors = seen(augmentation).map(({ sample, values }) => {
      const pairs = original(sample)
        .map((x, i) => [x - fixed, values[i]! - fixed] as const)
        .filter(([x]) => inner(x + fixed) && Math.abs(x) > 8);
      const factor = pairs[0]![1] / pairs[0]![0];
      assert.ok(
        pairs.every(([x, y]) => Math.abs(y - factor * x) < 0.05),
        `sample ${sample}`,
      );
      return factor;
    });
    assert.ok(
      factors.every((factor) => factor >= 1 - slope && factor < 1 + slope),
      String(factors),
    );
    assert.ok(Math.max(...factors) - Math.min(...factors) > slope, 'they differ');
  }
  for (const { values } of seen({ brightness: { strength: 1 }, contrast: { strength: 1 } }))
    assert.ok(
      values.every((value) => value > -1e-3 && value < 255.001),
      'clamped',
    );
});

augment('mixup: two images of the batch and their labels, in shares from Beta(alpha, alpha)', () => {
  const shares: number[] = [];
  for (let epoch = 1; epoch <= 20; epoch++) {
    for (const [place, { sample, values, label, partner, share }] of seen(
      { mixup: { alpha: 0.4 } },
      { epoch },
    ).entries()) {
      const batch = Math.floor(place / 12) * 12;
      const others = Array.from({ length: 12 }, (_, i) => batch + i).filter(
        (other) => other !== sample && other % classes === partner,
      );
      const mixed = (other: number) =>
        original(sample).map((x, i) => share * x + (1 - share) * original(other)[i]!);
      assert.is(label, sample % classes);
      assert.ok(
        others.some((other) => near(values, mixed(other))),
        `epoch ${epoch}, sample ${sample}`,
      );
      shares.push(share);
    }
  }
  const mean = shares.reduce((a, b) => a + b) / shares.length;
  const variance = shares.reduce((a, b) => a + (b - mean) ** 2, 0) / shares.length;
  assert.ok(Math.abs(mean - 0.5) < 0.05, `the shares' mean is ${mean}`);
  assert.ok(Math.abs(variance - 0.25 / 1.8) < 0.02, `their variance is ${variance}, not ${0.25 / 1.8}`);
});

const all = {
  resizedCrop: { scale: [0.3, 1], probability: 0.5 },
  zoom: { scale: [0.8, 1.2], probability: 0.3 },
  rotation: { degrees: 20, probability: 0.3 },
  shear: { degrees: 10, probability: 0.3 },
  translation: { fraction: 0.2, probability: 0.3 },
  trivialAugment: { probability: 0.5 },
  crop: { padding: 2 },
  flip: { alternating: true },
  verticalFlip: {},
  saturation: { strength: 0.5, probability: 0.5 },
  hue: { strength: 0.2, probability: 0.5 },
  grayscale: {},
  erasing: { scale: [0.05, 0.3] },
  cutout: { size: 3, probability: 0.5 },
  brightness: { strength: 0.2 },
  contrast: { strength: 0.2, probability: 0.5 },
};

augment('belong to (seed, epoch, sample): the order does not matter, the epoch does', () => {
  const bySample = (results: ReturnType<typeof seen>) =>
    results.toSorted((a, b) => a.sample - b.sample).map(({ values }) => values);
  assert.equal(bySample(seen(all, { sampler: 'shuffled' })), bySample(seen(all)));
  assert.not.equal(bySample(seen(all, { epoch: 2 })), bySample(seen(all)));
});

for (const [what, augmentation] of Object.entries({
  'all together': { ...all, mixup: { alpha: 0.3 }, cutmix: {} },
  'a reflected border': {
    crop: { padding: 2, border: 'reflect' },
    flip: { alternating: true },
    cutout: { size: 2 },
  },
})) {
  augment(`give the same bits at any number of threads: ${what}`, () =>
    withDataset({ values: pixels, labels }, shape, classes, async (dataset) => {
      const config = layersConfig(
        [
          { type: 'conv2d', outChannels: 4, kernelSize: 3 },
          { type: 'relu' },
          { type: 'maxPool', window: 2 },
          { type: 'dropout', rate: 0.2 },
          { type: 'flatten' },
          { type: 'dense', outFeatures: classes },
        ],
        `training.augmentation=${JSON.stringify(augmentation)}`,
        'loss.labelSmoothing=0.1',
        'loss.classWeights=balanced',
        'training.sampler=balanced',
        'training.batchSize=19',
      );
      const hashes = new Set<string>();
      for (const threads of [1, 2, 3, 5, 8]) {
        await withEngine(config, dataset, threads, async (engine) => {
          for (let epoch = 1; epoch <= 3; epoch++) await engine.train(epoch);
          hashes.add(hashWeights(engine));
        });
      }
      assert.is(hashes.size, 1);
    }),
  );
}

augment.run();
