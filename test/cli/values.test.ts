import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { dense, fit, fromArrays, sequential, sgd, UserError } from '#lockstep/index.js';
import { commandSuite, lockstep } from '../support/command-helpers.js';

/** What programs and commands do with a network that was trained on values. */
const test = commandSuite('a network of values');

async function refusal(promise: Promise<unknown>): Promise<UserError> {
  const error = await promise.then(
    () => assert.unreachable(),
    (reason: unknown) => reason,
  );
  assert.instance(error, UserError);
  return error as UserError;
}

test('values are trained, evaluated, reported, predicted and exported as they are', async ({ folder }) => {
  const root = folder();
  const classOf = (i: number) => i % 3;
  const values = Float32Array.from(
    { length: 60 * 8 },
    (_, k) => Math.sin(k) + (k % 8 === classOf(Math.floor(k / 8)) ? 4 : 0),
  );
  const labels = Array.from({ length: 60 }, (_, i) => ['a', 'b', 'c'][classOf(i)]!);
  const data = await fromArrays(
    { images: values, shape: [60, 8], labels },
    { dir: join(root, 'arrays'), cache: join(root, 'packed') },
  );
  assert.equal([data.classes, data.samples], [['a', 'b', 'c'], { train: 48, validation: 6, test: 6 }]);
  const out = join(root, 'run');
  const run = await fit(sequential(dense('classes')), data, {
    epochs: 20,
    batchSize: 8,
    optimizer: sgd({ learningRate: 0.1 }),
    threads: 1,
    out,
  });
  const tested = await run.evaluate('test');
  assert.is(tested.top1, 1);

  const sample = (i: number) => ({ values: values.subarray(8 * i, 8 * i + 8) });
  for (let i = 0; i < 60; i += 7)
    assert.is((await run.model.predict(sample(i))).predictions[0]!.class, labels[i]);
  const outcomes = await run.evaluate('all');
  const confidences = new Set<number>();
  for await (const each of run.model.predictAll(Array.from({ length: 60 }, (_, i) => sample(i)))) {
    assert.ok('predictions' in each);
    confidences.add(each.predictions[0]!.probability);
  }
  assert.equal(
    [...confidences].sort(),
    [...new Set(outcomes.outcomes.confidence)].sort(),
    'the bits of an evaluation',
  );
  for (const [image, words] of [
    ['cat.png', /the network takes values of shape \[8\]; give \{ values \}/],
    [{ values: new Float32Array(7) }, /it has 7 values; expected 8, of shape \[8\]/],
    [{ values: new Float32Array(8).fill(Number.NaN) }, /its value 0 is NaN/],
  ] as const)
    assert.match((await refusal(run.model.predict(image))).message, words);
  await run.close();

  const command = (...args: readonly string[]) => lockstep(root, ...args);
  const evaluated = await command('evaluate', 'run', '--json', '--weights', 'best');
  assert.is(evaluated.code, 0, evaluated.stderr);
  assert.is((await command('verify', 'run')).code, 0);
  const report = await command('report', 'run');
  assert.is(report.code, 0, report.stderr);
  assert.match(readFileSync(join(out, 'report.html'), 'utf8'), /Their values stand row by row/);
  const exported = await command('export', 'run');
  assert.match(exported.stdout, /input: float32, batch x 8: values as the training's dataset holds them/);
  const config = join(out, 'config.json');
  for (const [args, code, words] of [
    [['predict', 'run', 'cat.png'], 2, /the network takes values, float32 \[8\], which no image file holds/],
    [['evaluate', 'run', '--tta', 'flip'], 2, /tta is flip \(--tta\), which is of images/],
    [['data', 'inspect', data.config.dir], 3, /holds values, float32 \[8\] a sample, and no images/],
    [['data', 'preview', '--config', config], 2, /the network sees values, and only images can be shown/],
    [['new', data.config.dir], 3, /holds values/],
    [
      ['train', '--config', config, '--set', 'training.augmentation={"flip":{}}'],
      2,
      /only images can be augmented/,
    ],
    [
      ['train', '--config', config, '--set', 'data.features={"type":"values","shape":[4]}'],
      3,
      /set it to \{ "type": "values", "shape": \[8\] \}/,
    ],
    [
      ['train', '--config', config, '--set', 'data.features={"type":"values","shape":[4,2]}'],
      2,
      /expected \[features\] or \[channels, height, width\]/,
    ],
  ] as const) {
    const ended = await command(...args);
    assert.is(ended.code, code, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    assert.match(ended.stderr, words);
  }
});

test.run();
