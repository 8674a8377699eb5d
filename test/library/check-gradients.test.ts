import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type CustomLossFactory,
  type CustomOperator,
  type CustomOperatorFactory,
  checkGradients,
  conv2d,
  custom,
  dense,
  flatten,
  maxPool,
  relu,
  sequential,
  UserError,
} from '#lockstep/index.js';
import * as layers from '../support/own-code/layers.js';
import * as losses from '../support/own-code/losses.js';
import { own, ownDense, ownModule, ownSwish } from '../support/own-code-helpers.js';

const right = suite('checkGradients of what is right');

right('own operators: of one input and of two, with parameters, with random numbers', async () => {
  const checks = [
    { operator: layers.relu, input: [3, 4, 4] },
    { operator: layers.swish, input: [7], parameters: { slope: [1] } },
    { operator: layers.dense, input: [6], outShape: [4], parameters: { weight: [4, 6], bias: [4] } },
    { operator: layers.scaleChannels, input: [[3, 4, 4], [3]], outShape: [3, 4, 4] },
    { operator: layers.drop, input: [50], options: { rate: 0.5 } },
  ];
  for (const check of checks) {
    const report = await checkGradients(check);
    assert.ok(report.passed, report.message);
    assert.ok(report.error < 1e-8, report.message);
    assert.ok(report.compared > 3 * 7);
    assert.match(
      report.message,
      report.error === 0
        ? `${report.compared} values in float64; all errors are within rounding`
        : /largest error \S+ \(0.00001 passes\), at /,
    );
  }
});

right('own losses', async () => {
  const report = await checkGradients({ loss: losses.crossEntropy, classes: 5 });
  assert.ok(report.passed, report.message);
  assert.is(report.compared, 5 * 5 * 2);
});

right('in float32, for code that knows nothing else', async () => {
  const strict: CustomOperatorFactory = (options, shapes) => {
    const { forward, backward } = layers.relu(options, shapes);
    return {
      backward,
      forward(pass) {
        if (!(pass.input instanceof Float32Array)) throw new Error('float32 alone');
        forward(pass);
      },
    };
  };
  const report = await checkGradients({ operator: strict, input: [20], precision: 'float32' });
  assert.ok(report.passed, report.message);
  const other = await checkGradients({ operator: strict, input: [20] });
  assert.not.ok(other.passed);
  assert.match(other.message, 'forward threw Error: float32 alone');
});

right(
  "a network's layers: convolutions, pools, norms, blocks, dropout, and own layers between them",
  async () => {
    const chain = [
      { type: 'conv2d', outChannels: 16, kernelSize: 3, padding: 1 },
      ownSwish({ name: 'swish' }),
      { type: 'maxPool', window: 2 },
      {
        type: 'residual',
        body: [
          { type: 'conv2d', outChannels: 16, kernelSize: 3, padding: 1 },
          { type: 'batchNorm' },
          own('relu'),
        ],
      },
      { type: 'dropout', rate: 0.2 },
      { type: 'globalAveragePool', name: 'means' },
      { ...ownDense(16, 16), name: 'gates' },
      { type: 'concat', inputs: ['means', 'gates'] },
      { type: 'dense', outFeatures: 'classes' },
    ];
    const report = await checkGradients({ layers: chain as never, input: [3, 8, 8], samples: 4, most: 30 });
    assert.ok(report.passed, report.message);
    assert.ok(report.compared > 200);
  },
);

right('a model of functions, that need not end in logits', async () => {
  const model = sequential(conv2d(4, 3), relu(), maxPool(2), custom(ownModule('layers'), { export: 'relu' }));
  const report = await checkGradients({ layers: model, input: [2, 8, 8], most: 40 });
  assert.is(
    report.message,
    `the layers: the gradients agree\n${report.compared} values in float32; all errors are within rounding`,
  );
  const whole = sequential(flatten(), dense('classes'));
  assert.ok((await checkGradients({ layers: whole, input: [2, 3, 3] })).passed);
});

const wrong = suite('checkGradients of what is wrong');

const square: CustomOperator<'scale'> = {
  forward({ input, output, parameters: { scale } }) {
    for (let i = 0; i < input.length; i++) output[i] = scale[0]! * input[i]! ** 2;
  },
  backward({ input, outputGradient, inputGradient, parameters: { scale }, parameterGradients }) {
    for (let i = 0; i < input.length; i++) {
      inputGradient[i] = 2 * scale[0]! * input[i]! * outputGradient[i]!;
      parameterGradients.scale[0]! += input[i]! ** 2 * outputGradient[i]!;
    }
  },
};
const check = (change: Partial<CustomOperator<'scale'>>) =>
  checkGradients({ operator: () => ({ ...square, ...change }), input: [6], parameters: { scale: [1] } });

wrong('nothing, so that what follows is of the changes', async () => {
  assert.ok((await check({})).passed);
});

wrong('a gradient of the input, with its place', async () => {
  const { passed, error, worst, message } = await check({
    backward(pass) {
      square.backward(pass);
      pass.inputGradient[4]! *= 1.001;
    },
  });
  assert.not.ok(passed);
  assert.ok(error > 1e-5 && error < 2e-3);
  assert.is(worst!.place, 'input[4]');
  assert.match(
    message,
    /the gradients do not agree\n.*largest error .* at input\[4\]: gradient .*, difference /,
  );
});

wrong('a gradient of a parameter, also where it is left out', async () => {
  const { error, worst } = await check({
    backward(pass) {
      square.backward(pass);
      pass.parameterGradients.scale[0] = 0;
    },
  });
  assert.ok(Math.abs(error - 1) < 1e-6);
  assert.is(worst!.place, 'parameters.scale[0]');
});

wrong('what is kept from forward to backward', async () => {
  const report = await checkGradients({
    operator: () => {
      let kept = new Float64Array(6);
      return {
        forward({ input, output }) {
          kept = Float64Array.from(input);
          for (let i = 0; i < 6; i++) output[i] = input[i]! ** 2;
        },
        backward({ outputGradient, inputGradient }) {
          for (let i = 0; i < 6; i++) inputGradient[i] = 2 * kept[i]! * outputGradient[i]!;
        },
      };
    },
    input: [6],
  });
  assert.not.ok(report.passed);
  assert.match(report.faults.join('\n'), 'it keeps something from forward to backward');
});

const sayings: readonly [string, Partial<CustomOperator<'scale'>>, string | RegExp][] = [
  [
    'an error, with its stack',
    { forward: () => (undefined as never as number[]).push(1) },
    /forward threw TypeError: .*\n {4}at .*check-gradients\.test/,
  ],
  ['a promise', { backward: (async () => {}) as never }, 'backward returned a promise'],
  [
    'an array that nobody reads',
    { forward: (({ input }: { input: Float64Array }) => input.slice()) as never },
    'forward returned an array',
  ],
  [
    'what is not finite',
    { forward: ({ output }) => output.fill(1 / 0) },
    'forward gave values that are not finite',
  ],
  [
    'a parameter that is written to',
    {
      forward(pass) {
        square.forward(pass);
        pass.parameters.scale[0]! += 1;
      },
    },
    'forward writes to its inputs or parameters',
  ],
  [
    'an input that is written to by the backward pass',
    {
      backward(pass) {
        square.backward(pass);
        pass.input.fill(0);
      },
    },
    'backward writes to its inputs or parameters',
  ],
  [
    'chance of its own',
    {
      forward(pass) {
        square.forward(pass);
        pass.output[0]! += Math.random();
      },
    },
    'forward gives other values for the same sample, called twice',
  ],
  [
    'another function of Float32Array',
    {
      forward(pass) {
        square.forward(pass);
        if (pass.output instanceof Float32Array) pass.output.fill(3);
      },
    },
    'forward gives other values with Float32Array',
  ],
];
for (const [what, change, message] of sayings) {
  wrong(what, async () => {
    const report = await check(change);
    assert.not.ok(report.passed);
    assert.match(report.message, message);
  });
}

wrong('a factory that gives no operator, and one that throws', async () => {
  const none = await checkGradients({ operator: (() => 3) as never, input: [6] });
  assert.match(none.message, 'its factory returned no object with the functions forward and backward');
  const throwing = await checkGradients({
    operator: () => {
      throw new RangeError('no such option');
    },
    input: [6],
  });
  assert.match(throwing.message, 'its factory threw RangeError: no such option');
});

wrong("a loss's gradient, and a loss that is none", async () => {
  const half: CustomLossFactory = (options, about) => {
    const whole = losses.crossEntropy(options, about);
    return (pass) => whole(pass) / 2;
  };
  const report = await checkGradients({ loss: half, classes: 4 });
  assert.ok(Math.abs(report.error - 0.5) < 1e-3, report.message);
  assert.match(report.worst!.place, /^logits of label \d\[\d\]$/);
  const none = await checkGradients({ loss: (() => () => undefined) as never, classes: 4 });
  assert.match(none.message, 'it returned undefined, expected a finite number');
});

wrong('an own layer in a network', async () => {
  const chain = [
    { type: 'conv2d', outChannels: 4, kernelSize: 3 },
    own('twice', {}, 'faulty'),
    { type: 'flatten' },
    { type: 'dense', outFeatures: 3 },
  ];
  const report = await checkGradients({ layers: chain as never, input: [2, 6, 6], most: 30 });
  assert.not.ok(report.passed);
  assert.ok(report.error > 0.4, report.message);
});

wrong('it throws where it is asked to, and for shapes that are none', async () => {
  const operator = () => ({ ...square, backward() {} });
  const thrown = async (work: Promise<unknown>) =>
    work.then(
      () => undefined,
      (error: unknown) => error as UserError,
    );
  const failed = await thrown(
    checkGradients({ operator, input: [6], parameters: { scale: [1] }, throws: true }),
  );
  assert.instance(failed, UserError);
  assert.match(failed!.message, 'the gradients do not agree');
  const shape = await thrown(checkGradients({ operator, input: [0] }));
  assert.match(shape!.message, 'expected lists of whole numbers above 0');
});

right.run();
wrong.run();
