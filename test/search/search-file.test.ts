import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '#lockstep/errors.js';
import { parseSearch } from '#lockstep/search/search-file.js';

const file = suite('search files');

const good = {
  space: { 'optimizer.learningRate': { logUniform: [0.001, 0.1] } },
  method: { type: 'successiveHalving', trials: 9 },
};

file('defaults are filled in', () => {
  assert.equal(parseSearch(good, 'search.json'), {
    ...good,
    method: { type: 'successiveHalving', trials: 9, factor: 3, leastEpochs: 1 },
    seed: 1,
  });
});

file('the one in docs/search.md is good', () => {
  const docs = readFileSync(new URL('../../../docs/search.md', import.meta.url), 'utf8');
  const [, json] = /```json\n(.*?)```/s.exec(docs)!;
  assert.is(Object.keys(parseSearch(JSON.parse(json!), 'docs/search.md').space).length, 4);
});

for (const [what, change, fault] of [
  ['an unknown key', { metrics: 'loss' }, /metrics: unknown key; did you mean "metric"\?/],
  ['no space', { space: {} }, /space: found {}; expected a value to search/],
  ['a missing method', { method: undefined }, /method/],
  [
    'an unknown method',
    { method: { type: 'grid', trials: 3 } },
    /method\.type: found "grid"; allowed: "random", "successiveHalving"/,
  ],
  [
    'no trials',
    { method: { type: 'random', trials: 0 } },
    /method\.trials: found 0; expected an integer of 1 or more/,
  ],
  [
    'a key of the other method',
    { method: { type: 'random', trials: 3, factor: 2 } },
    /method\.factor: a key of "successiveHalving", not of "random"/,
  ],
  [
    'an unknown range',
    { space: { seed: { uniforme: [1, 2] } } },
    /space\.seed\.uniforme: unknown key; did you mean "uniform"\?/,
  ],
  [
    'two ranges of one key',
    { space: { seed: { values: [1], integer: [1, 2] } } },
    /space\.seed: .*expected one of values, uniform, logUniform, integer/,
  ],
  [
    'ends in the wrong order',
    { space: { seed: { uniform: [2, 1] } } },
    /space\.seed\.uniform: found \[2,1\]; expected \[low, high\]/,
  ],
  [
    'three ends',
    { space: { seed: { integer: [1, 2, 3] } } },
    /space\.seed\.integer: .*expected \[low, high\]/,
  ],
  [
    'a logarithm of 0',
    { space: { 'a.b': { logUniform: [0, 1] } } },
    /space\["a\.b"\]\.logUniform\[0\]: found 0; expected a number of 1e-300 or more/,
  ],
  [
    'parts of whole numbers',
    { space: { seed: { integer: [1, 2.5] } } },
    /space\.seed\.integer\[1\]: found 2\.5; expected an integer/,
  ],
  [
    'too wide a range',
    { space: { seed: { integer: [0, 2 ** 20] } } },
    /space\.seed\.integer: .*at most 1048576 whole numbers/,
  ],
  ['one fold', { folds: 1 }, /folds: found 1; expected an integer of 2 or more, at most 100/],
  [
    'epochs that halving chooses',
    { space: { 'training.epochs': { values: [1, 2] } } },
    /successiveHalving chooses the epochs/,
  ],
  [
    'folds that the space cuts too',
    { folds: 3, space: { 'data.split.fold.index': { values: [1, 2] } } },
    /"folds" cuts the folds/,
  ],
] as const) {
  file(what, () => {
    let found: unknown;
    try {
      parseSearch({ ...good, ...change }, 'search.json');
    } catch (error) {
      found = error;
    }
    assert.instance(found, UserError);
    assert.match((found as UserError).message, /^search\.json has \d+ faults?:\n/);
    assert.match((found as UserError).message, fault);
  });
}

file.run();
