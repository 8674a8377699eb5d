import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, UserError } from '#lockstep/errors.js';
import { hashWeights } from '#lockstep/runs/weights.js';
import { layersConfig, noiseSamples, withDataset, withEngine } from '../support/engine-helpers.js';
import { own, ownModule } from '../support/own-code-helpers.js';

/** Own code that goes wrong in a training: the phase ends with words, whichever thread meets it, and the weights stay. */
const test = suite('own code that fails');

const logits = { type: 'dense', outFeatures: 3 };

async function failureOf(
  layers: readonly object[],
  evaluate: boolean,
  ...changes: string[]
): Promise<UserError> {
  let failure: unknown;
  await withDataset(noiseSamples(4, 24, 4, 3), [4], 3, (dataset) =>
    withEngine(layersConfig(layers, ...changes), dataset, 2, async (engine) => {
      const before = hashWeights(engine);
      failure = await (evaluate ? engine.evaluate('test') : engine.train(1)).catch((error: unknown) => error);
      assert.is(hashWeights(engine), before);
    }),
  );
  assert.instance(failure, UserError, String(failure));
  return failure as UserError;
}

const faulty = (name: string) => [
  { ...logits, outFeatures: 4 },
  own(name, { name: 'mine' }, 'faulty'),
  logits,
];
const layer = 'layer mine \\(model\\.layers\\[1\\]\\): ';

const failures: readonly [name: string, message: RegExp, evaluate?: boolean][] = [
  [
    'throwing',
    new RegExp(
      `^${layer}throwing of .*faulty\\.js: backward threw TypeError: .*\\n {4}at .*backward.*faulty\\.js:\\d+:\\d+`,
    ),
  ],
  ['throwingText', new RegExp(`^${layer}throwingText of .*: forward threw just a text$`), true],
  ['notFinite', new RegExp(`^${layer}.*: output\\[0\\] is NaN, and all that it was made of is finite`), true],
  ['notFiniteBack', /inputGradients\[0\]\[0\] is Infinity/],
  ['asynchronous', /forward returned a promise, and a training waits for none/],
  ['returning', /forward returned an array, which nobody reads/, true],
  ['randomEvaluation', /random\(\) was called in an evaluation/, true],
];
for (const [name, message, evaluate = false] of failures) {
  test(`${name}${evaluate ? ', in an evaluation' : ''}`, async () => {
    const { message: said, exitCode } = await failureOf(faulty(name), evaluate);
    assert.match(said, message);
    assert.is(exitCode, ExitCode.training);
  });
}

const losses: readonly [name: string, message: RegExp][] = [
  [
    'lossOfNothing',
    /^loss: lossOfNothing of .*: it returned undefined, expected the sample's loss, a number/,
  ],
  ['lossNotFinite', /^loss: .*: its loss\[0\] is NaN/],
  ['gradientNotFinite', /^loss: .*: gradient\[1\] is NaN/],
];
for (const [name, message] of losses) {
  test(name, async () => {
    const loss = ['loss.type=custom', `loss.module=${ownModule('faulty')}`, `loss.export=${name}`];
    assert.match((await failureOf([logits], false, ...loss)).message, message);
  });
}

test('values that were not finite before are not its fault: the training has diverged', () =>
  withDataset(noiseSamples(4, 24, 4, 3), [4], 3, (dataset) =>
    withEngine(
      layersConfig([{ ...logits, outFeatures: 4 }, own('relu'), logits]),
      dataset,
      1,
      async (engine) => {
        engine.tensors.weight(engine.network.parameters[0]!).fill(Number.NaN);
        assert.equal((await engine.train(1)).failure, { step: 1, what: 'loss' });
      },
    ),
  ));

test.run();
