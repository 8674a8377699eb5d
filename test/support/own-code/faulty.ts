import type {
  CustomLossFactory,
  CustomOperator,
  CustomOperatorFactory,
} from '#lockstep/graph/custom-types.js';

/** Own operators and losses that go wrong. */

const copying: CustomOperator = {
  forward: ({ input, output }) => output.set(input),
  backward: ({ outputGradient, inputGradient }) => inputGradient.set(outputGradient),
};

export const throwing: CustomOperatorFactory = () => ({
  ...copying,
  backward() {
    const values = undefined as unknown as number[];
    values[0] = 1;
  },
});

export const throwingText: CustomOperatorFactory = () => ({
  ...copying,
  forward() {
    throw 'just a text';
  },
});

export const notFinite: CustomOperatorFactory = () => ({
  ...copying,
  forward: ({ output }) => output.fill(Number.NaN),
});

export const notFiniteBack: CustomOperatorFactory = () => ({
  ...copying,
  backward: ({ inputGradient }) => inputGradient.fill(1 / 0),
});

export const asynchronous: CustomOperatorFactory = () => ({
  ...copying,
  forward: (async () => {
    throw new Error('nobody hears this');
  }) as unknown as () => void,
});

export const returning: CustomOperatorFactory = () => ({
  ...copying,
  forward: (({ input }: { input: Float32Array }) => input.map((x) => 2 * x)) as unknown as () => void,
});

export const randomEvaluation: CustomOperatorFactory = () => ({
  ...copying,
  forward: ({ input, output, random }) => output.set(input.map((x) => x * random())),
});

export const noOperator = () => ({ forward() {} });
export const throwingFactory = () => {
  throw new RangeError('bad options');
};
export const noFunction = 3;

export const lossOfNothing = (() => () => undefined) as unknown as CustomLossFactory;
export const lossNotFinite: CustomLossFactory = () => () => Number.NaN;
export const gradientNotFinite: CustomLossFactory =
  () =>
  ({ gradient }) => {
    gradient[1] = Number.NaN;
    return 1;
  };
export const noLoss = () => 3;

/** Its gradient is half of what it should be. */
export const twice: CustomOperatorFactory = () => ({
  ...copying,
  forward({ input, output }) {
    for (let i = 0; i < input.length; i++) output[i] = 2 * input[i]!;
  },
});
