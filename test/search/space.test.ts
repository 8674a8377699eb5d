import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseSearch } from '#lockstep/search/search-file.js';
import { trialValues, valueIn } from '#lockstep/search/space.js';

const space = suite('the values of trials');

const searchOf = (ranges: object, seed = 1) =>
  parseSearch({ space: ranges, method: { type: 'random', trials: 1 }, seed }, 'test');

const ranges = {
  'optimizer.momentum': { uniform: [0.5, 1.5] },
  'optimizer.learningRate': { logUniform: [1e-4, 1] },
  'training.epochs': { integer: [3, 8] },
  'training.batchSize': { values: [16, 32, 64] },
};

// A Python program of the definition (the hash, its use, log and exp of libm) gave these.
const stated = [
  [1, 1, 0.6901453529717401, 0.0002025215567158561, 6, 64],
  [1, 2, 1.126363447518088, 0.020801723192815647, 4, 64],
  [7, 1, 1.3208603203529492, 0.0014508377896959434, 7, 64],
] as const;

for (const [seed, trial, momentum, learningRate, epochs, batchSize] of stated) {
  space(`seed ${seed}, trial ${trial}`, () => {
    const values = trialValues(searchOf(ranges, seed), trial);
    assert.is(values['optimizer.momentum'], momentum);
    assert.is(values['training.epochs'], epochs);
    assert.is(values['training.batchSize'], batchSize);
    const found = values['optimizer.learningRate'] as number;
    assert.ok(Math.abs(found / learningRate - 1) < 1e-14, `${found} for ${learningRate}`);
  });
}

space('a value depends on no other key', () => {
  const { 'training.epochs': alone } = trialValues(searchOf({ 'training.epochs': { integer: [3, 8] } }), 1);
  assert.is(alone, trialValues(searchOf(ranges), 1)['training.epochs']);
});

space('every end of a range can be drawn, and nothing beyond it', () => {
  const [least, most] = [0, 0xffffffff];
  for (const [range, low, high] of [
    [{ integer: [-2, 5] }, -2, 5],
    [{ values: ['a', 'b', 'c'] }, 'a', 'c'],
  ] as const) {
    const [parsed] = Object.values(searchOf({ seed: range }).space);
    assert.is(valueIn(parsed!, least), low);
    assert.is(valueIn(parsed!, most), high);
  }
  const [log] = Object.values(searchOf({ seed: { logUniform: [1e-300, 1e300] } }).space);
  assert.ok((valueIn(log!, least) as number) >= 1e-300);
  assert.ok((valueIn(log!, most) as number) <= 1e300);
});

space('whole numbers are drawn evenly (chi-square)', () => {
  const search = searchOf({ seed: { integer: [0, 9] } });
  const counts = new Array<number>(10).fill(0);
  const draws = 5000;
  for (let trial = 1; trial <= draws; trial++) counts[trialValues(search, trial)['seed'] as number]!++;
  const chiSquare = counts.reduce((sum, count) => sum + (count - draws / 10) ** 2 / (draws / 10), 0);
  // 9 degrees of freedom: beyond 27.9 with probability 0.001.
  assert.ok(chiSquare < 27.9, `${counts}: ${chiSquare}`);
});

space.run();
