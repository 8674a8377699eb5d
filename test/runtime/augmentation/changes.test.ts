import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Arena } from '#lockstep/compile/arena.js';
import { planAugmentation } from '#lockstep/compile/memory-plan.js';
import { configSchema } from '#lockstep/config/schema.js';
import { Box } from '#lockstep/runtime/augmentation/box.js';
import { SampleDraws } from '#lockstep/runtime/augmentation/sample-draws.js';
import { TrivialAugment } from '#lockstep/runtime/augmentation/trivial-augment.js';
import { layersConfig } from '../../support/engine-helpers.js';
import { at, classes, map, near, original, samples, seen } from './seen.js';

const changes = suite('random changes of training images');

const [height, width] = [6, 10];
const pixels = height * width;

const mirrored = (sample: number) =>
  map(original(sample), (c, r, x) => at(original(sample), c, r, width - 1 - x)!);
const inverted = (sample: number) =>
  map(original(sample), (c, r, x) => at(original(sample), c, height - 1 - r, x)!);

changes('a vertical flip', () => {
  for (const { sample, values } of seen({ verticalFlip: { probability: 1 } }))
    assert.ok(near(values, inverted(sample)));
});

changes('an alternating flip is in every second epoch of each sample, and in both of them for some', () => {
  const epochs = [1, 2, 3, 4].map((epoch) =>
    seen({ flip: { alternating: true } }, { epoch }).map(({ sample, values }) => {
      const isMirrored = near(values, mirrored(sample));
      assert.ok(isMirrored || near(values, original(sample)));
      return isMirrored;
    }),
  );
  for (let i = 0; i < samples; i++) {
    const [first, second, third, fourth] = epochs.map((epoch) => epoch[i]);
    assert.equal([third, fourth], [first, second]);
    assert.not.equal(first, second);
  }
  const first = epochs[0]!.filter(Boolean).length;
  assert.ok(first > 4 && first < samples - 4, `${first} of ${samples} in the first epoch`);
});

changes('a crop and a flip behind a resampling are the same as without one', () => {
  // It does nothing, but has the image resampled.
  const zoom = { scale: [1, 1] };
  const moves = { crop: { padding: 2 }, flip: {}, verticalFlip: {} };
  const [copied, resampled] = [seen(moves), seen({ ...moves, zoom })];
  for (const [i, { values }] of copied.entries()) assert.ok(near(values, resampled[i]!.values), `place ${i}`);
});

changes('erasing: noise in a rectangle of the area and shape asked for', () => {
  const erased = seen({ erasing: { scale: [0.2, 0.4], ratio: [0.5, 2], probability: 1 } });
  const noise: number[] = [];
  for (const { sample, values } of erased) {
    const changed = values.flatMap((value, i) => (Math.abs(value - original(sample)[i]!) < 1e-3 ? [] : [i]));
    const rows = changed.map((i) => Math.floor(i / width) % height);
    const columns = changed.map((i) => i % width);
    const [high, wide] = [rows, columns].map((all) => Math.max(...all) - Math.min(...all) + 1);
    // Sides are rounded; a byte of noise may be the image's.
    assert.ok(high! * wide! >= 0.12 * pixels && high! * wide! <= 0.5 * pixels, `${high} x ${wide}`);
    assert.ok(changed.length > 0.9 * 3 * high! * wide!, 'all of it');
    noise.push(...changed.map((i) => values[i]!));
  }
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  assert.ok(Math.abs(mean - 127.5) < 6, `the noise's mean is ${mean}`);
  assert.ok(noise.some((value) => value < 3) && noise.some((value) => value > 252));
});

changes('erasing: the ratio is of height to width', () => {
  for (const { sample, values } of seen({ erasing: { scale: [0.2, 0.2], ratio: [2, 2], probability: 1 } })) {
    const changed = values.flatMap((value, i) => (Math.abs(value - original(sample)[i]!) < 1e-3 ? [] : [i]));
    const sides = [
      new Set(changed.map((i) => Math.floor(i / width) % height)).size,
      new Set(changed.map((i) => i % width)).size,
    ];
    assert.equal(sides, [5, 2]);
  }
});

changes('grayscale and saturation: Y stays, and the channels come together', () => {
  for (const { sample, values } of seen({ grayscale: { probability: 1 } })) {
    const image = original(sample);
    for (let i = 0; i < pixels; i++) {
      const y = 0.299 * image[i]! + 0.587 * image[pixels + i]! + 0.114 * image[2 * pixels + i]!;
      for (let c = 0; c < 3; c++) assert.ok(Math.abs(values[c * pixels + i]! - y) < 0.502);
    }
  }
});

/** Of the image, where its area before the rectangle is cut off at the image's edges is uniform. */
function expectedShare(): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;
  /** Of the pixels of an axis those in the rectangle, with its centre anywhere. */
  const covered = (length: number, side: number) =>
    mean(
      Array.from({ length }, (_, centre) => {
        const first = centre - (side >> 1);
        return Math.min(length, first + side) - Math.max(0, first);
      }),
    );
  const areas = Array.from({ length: 1000 }, (_, i) => {
    const side = Math.sqrt((i + 0.5) / 1000);
    return covered(height, Math.floor(height * side)) * covered(width, Math.floor(width * side));
  });
  return 1 - mean(areas) / pixels;
}

changes(
  'cutmix: each pixel is of the image or of another of the batch, as the share of the label says',
  () => {
    const shares: number[] = [];
    for (let epoch = 1; epoch <= 20; epoch++) {
      for (const [place, { sample, values, label, partner, share }] of seen(
        { cutmix: {} },
        { epoch },
      ).entries()) {
        const batch = Math.floor(place / 12) * 12;
        const isOther = (other: number) => {
          const [own, others] = [original(sample), original(other)];
          const from = values.map((value, i) =>
            Math.abs(value - own[i]!) < 1e-3 ? 1 : Math.abs(value - others[i]!) < 1e-3 ? 0 : Number.NaN,
          );
          const part = from.reduce((sum, of) => sum + of, 0) / from.length;
          return Math.abs(part - share) < 0.03; // some bytes are the same in both
        };
        const others = Array.from({ length: 12 }, (_, i) => batch + i);
        assert.is(label, sample % classes);
        assert.ok(
          others.some((other) => other !== sample && other % classes === partner && isOther(other)),
          `epoch ${epoch}, sample ${sample}`,
        );
        shares.push(share);
      }
    }
    const mean = shares.reduce((a, b) => a + b) / shares.length;
    assert.ok(Math.abs(mean - expectedShare()) < 0.03, `the shares' mean is ${mean}, not ${expectedShare()}`);
    assert.ok(Math.min(...shares) < 0.3 && Math.max(...shares) > 0.95);
  },
);

changes('cutmix and mixup: one of them, by chance', () => {
  let [pasted, mixed] = [0, 0];
  for (const { sample, values, share } of seen({ cutmix: {}, mixup: { alpha: 2 } })) {
    const same = values.filter((value, i) => Math.abs(value - original(sample)[i]!) < 1e-3).length;
    if (Math.abs(same / values.length - share) < 0.03) pasted++;
    else mixed++;
  }
  assert.ok(pasted > 4 && mixed > 4, `${pasted} and ${mixed}`);
});

changes('a resized crop has the areas and ratios asked for, and is the middle where nothing fits', () => {
  const [draws, box] = [new SampleDraws(), new Box()];
  const areas: number[] = [];
  for (let key = 0; key < 2000; key++) {
    draws.key = key * 0x9e3779b9;
    assert.ok(box.propose(draws, 300, 200, 300, [0.1, 0.5], [Math.log(0.75), Math.log(4 / 3)], 0));
    const [rows, columns] = [box.bottom - box.top, box.right - box.left];
    assert.ok(box.top >= 0 && box.bottom <= 200 && box.left >= 0 && box.right <= 300);
    assert.ok(columns / rows > 0.73 && columns / rows < 1.37, `${rows} x ${columns}`);
    areas.push((rows * columns) / 60000);
  }
  const mean = areas.reduce((a, b) => a + b) / areas.length;
  assert.ok(Math.abs(mean - 0.3) < 0.01, `the areas' mean is ${mean}`);
  // An area of 12,000, twice as wide as high.
  assert.ok(box.propose(draws, 300, 200, 300, [0.2, 0.2], [Math.log(2), Math.log(2)], 0));
  assert.equal([box.bottom - box.top, box.right - box.left], [77, 155]);
  assert.not.ok(box.propose(draws, 300, 10, 100, [1, 1], [0, 0], 0));
  box.setCentral(10, 100, [0.75, 4 / 3]);
  assert.equal([box.top, box.bottom, box.left, box.right], [0, 10, 43, 56]);
  box.setCentral(100, 10, [0.75, 4 / 3]);
  assert.equal([box.top, box.bottom, box.left, box.right], [43, 56, 0, 10]);
});

changes('TrivialAugment takes all operations and strengths as often', () => {
  const [draws, trivial] = [new SampleDraws(), new TrivialAugment()];
  const counts = new Map<string, number>();
  const turns = new Set<number>();
  for (let key = 0; key < 13000; key++) {
    draws.key = Math.imul(key, 0x9e3779b9) >>> 0;
    trivial.draw(draws, 1);
    counts.set(trivial.operation, (counts.get(trivial.operation) ?? 0) + 1);
    if (trivial.operation === 'rotate') turns.add(Math.round(trivial.value * 1000));
  }
  assert.is(counts.size, 13);
  for (const [operation, count] of counts) assert.ok(count > 850 && count < 1150, `${operation}: ${count}`);
  assert.is(turns.size, 61, 'strengths 0 to 30, either way');
  assert.is(Math.max(...turns), 135_000);
});

const refused = suite('augmentation that makes no sense');

refused('colours of samples without red, green and blue, and anything of what is no image', () => {
  for (const [shape, augmentation, says] of [
    [[1, 4, 4], { hue: { strength: 0.1 } }, /training\.augmentation\.hue .*\[1, 4, 4\]/],
    [[4, 4, 4], { trivialAugment: {} }, /training\.augmentation\.trivialAugment .*\[4, 4, 4\]/],
    [[12], { flip: {} }, /training\.augmentation .*\[12\]/],
  ] as const) {
    const config = layersConfig(
      [{ type: 'dense', outFeatures: 2 }],
      `training.augmentation=${JSON.stringify(augmentation)}`,
    );
    assert.throws(
      () => planAugmentation(shape, config.training.augmentation, new Arena()),
      (e: Error) => says.test(e.message),
    );
  }
  const gray = layersConfig(
    [{ type: 'dense', outFeatures: 2 }],
    'training.augmentation={"rotation":{"degrees":9}}',
  );
  planAugmentation([1, 4, 4], gray.training.augmentation, new Arena());
});

refused('ranges turned around, a translation of nothing, an alternating flip with a probability', () => {
  const config = (augmentation: object) => ({
    ...layersConfig([{ type: 'dense', outFeatures: 2 }]),
    training: { batchSize: 1, epochs: 1, augmentation },
  });
  for (const [augmentation, path] of [
    [{ zoom: { scale: [1.2, 0.8] } }, 'zoom.scale'],
    [{ translation: {} }, 'translation'],
    [{ translation: { pixels: 1, fraction: 0.1 } }, 'translation'],
    [{ flip: { alternating: true, probability: 0.3 } }, 'flip.probability'],
  ] as const) {
    const { error } = configSchema.safeParse(config(augmentation));
    const paths = error?.issues.map((issue) => issue.path.slice(2).join('.'));
    assert.ok(paths?.includes(path), `${JSON.stringify(augmentation)}: ${paths}`);
  }
});

changes.run();
refused.run();
