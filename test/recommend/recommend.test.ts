import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '#lockstep/config/load.js';
import { completeConfig, withClasses } from '#lockstep/config/resolve.js';
import { sampleShape } from '#lockstep/data/features.js';
import { buildNetwork } from '#lockstep/graph/network.js';
import { residualNetwork } from '#lockstep/recommend/networks.js';
import { type Facts, recommend } from '#lockstep/recommend/recommend.js';
import { trainingSpeed } from '#lockstep/recommend/speed.js';

/** What is recommended for a dataset, and why. */

const plain: Facts = {
  classes: ['cat', 'dog', 'owl', 'fox'],
  images: 1000,
  broken: 0,
  width: 32,
  height: 32,
  imbalance: 1,
  isGray: false,
};

/** The config complete with defaults, its network, and what is said of it. */
function recommended(facts: Partial<Facts>) {
  const all = { ...plain, ...facts };
  const { config, reasons } = recommend(all);
  const { data, ...rest } = config;
  const parsed = parseConfig({ name: 'test', data: { dir: 'pictures', ...data }, ...rest });
  const complete = withClasses(completeConfig(parsed), all.classes.length);
  const network = buildNetwork(complete.model.layers, sampleShape(complete.data.features));
  assert.is(network.classes, all.classes.length);
  return { ...complete, network, said: reasons.map(({ about, text }) => `${about}: ${text}`).join('\n') };
}

const test = suite('recommendations');

for (const [width, height, side, words] of [
  [28, 28, 32, 'the median image is 28 × 28 (up to 40)'],
  [40, 20, 32, 'the median image is 40 × 20 (up to 40)'],
  [41, 20, 64, 'the median image is 41 × 20 (up to 80)'],
  [64, 80, 64, 'the median image is 64 × 80 (up to 80)'],
  [64, 81, 96, 'the median image is 64 × 81 (above 80)'],
  [4000, 3000, 96, 'the median image is 4000 × 3000 (above 80)'],
] as const) {
  test(`images of ${width} x ${height} are trained at ${side} x ${side}`, () => {
    const { data, said } = recommended({ width, height });
    assert.equal(data.features, { type: 'pixels', width: side, height: side, normalize: 'channels' });
    assert.match(said, words);
  });
}

test('the network of small images is ResNet-8: parameters and shapes of three blocks', () => {
  // As published, 78,666 with the running statistics, without the biases of its convolutions, with ten classes.
  const { network } = recommended({ classes: 'abcdefghij'.split('').map((name) => `class-${name}`) });
  const biases = 16 * 3 + 32 * 2 + 64 * 2;
  const statistics = network.state.reduce((sum, { size }) => sum + size, 0);
  assert.is(network.parameterCount + statistics + biases, 78_666);
  const outputs = network.nodes.map(({ output }) => output.join());
  for (const shape of ['16,32,32', '32,16,16', '64,8,8']) assert.ok(outputs.includes(shape), shape);
  const photographs = recommended({ width: 500, height: 400 }).network.nodes.map(({ output }) =>
    output.join(),
  );
  for (const shape of ['32,48,48', '32,24,24', '64,12,12', '128,6,6'])
    assert.ok(photographs.includes(shape), shape);
  assert.is(residualNetwork(32, 2).length + 1, residualNetwork(32, 2, true).length);
});

test('few images: stronger augmentation, more epochs, early stopping', () => {
  const few = recommended({ images: 4 * 49 });
  assert.is(few.training.epochs, 100);
  assert.equal(few.training.earlyStopping, { metric: 'loss', patience: 25, minDelta: 0, restoreBest: true });
  assert.ok(
    few.training.augmentation.rotation !== undefined && few.training.augmentation.erasing !== undefined,
  );
  assert.match(few.said, 'strong for 49 images a class (fewer than 50)');
  assert.match(few.said, 'without a better validation loss');
  const usual = recommended({ images: 4 * 50 });
  assert.equal([usual.training.epochs, usual.training.earlyStopping], [60, undefined]);
  assert.equal(Object.keys(usual.training.augmentation), ['crop', 'flip']);
  assert.is(recommended({ images: 4 * 500 }).training.epochs, 30);
});

test('a mini-batch is smaller where there are few images, and the learning rate with it', () => {
  for (const [images, batchSize, learningRate] of [
    [1000, 64, 0.05],
    [999, 32, 0.025],
    [199, 16, 0.0125],
  ]) {
    const { training, optimizer } = recommended({ images: images! });
    assert.equal([training.batchSize, optimizer.learningRate], [batchSize, learningRate]);
  }
});

test('uneven classes are sampled evenly and judged evenly, from more than 5 : 1 on', () => {
  const uneven = recommended({ imbalance: 5.1 });
  assert.equal([uneven.training.sampler, uneven.training.bestBy], ['balanced', 'balancedTop1']);
  assert.match(uneven.said, 'largest by smallest 5.1 (above 5)');
  const even = recommended({ imbalance: 5 });
  assert.equal([even.training.sampler, even.training.bestBy], ['shuffled', 'top1']);
});

test('letters and gray images are not mirrored, gray ones not coloured', () => {
  const letters = recommended({ classes: ['0', '1', 'b', 'd'] });
  assert.not.ok('flip' in letters.training.augmentation);
  assert.match(letters.said, 'no mirror images, since the classes are letters or digits');
  const gray = recommended({ isGray: true, images: 100 });
  assert.not.ok('flip' in gray.training.augmentation || 'saturation' in gray.training.augmentation);
  assert.match(gray.said, 'all images are gray');
  assert.match(recommended({}).said, 'mirror images count as the same class');
});

test('broken images are left out, which is said', () => {
  const { data, said } = recommended({ broken: 3 });
  assert.is(data.skipBadImages, true);
  assert.match(said, 'broken: 3 images');
  assert.is(recommended({}).data.skipBadImages, false);
});

test('the speed is measured with the network itself, also with an uneven sampler', async () => {
  const { network: _, said: __, ...config } = recommended({ images: 100, imbalance: 9 });
  const tiny = { ...config, model: { ...config.model, layers: config.model.layers.slice(-2) } };
  // Also of fewer images than a mini-batch, or than there are classes.
  for (const images of [1000, 12, 3]) {
    const speed = await trainingSpeed(tiny, images, 4, 2);
    assert.ok(Number.isFinite(speed) && speed > 0, String(speed));
  }
});

test.run();
