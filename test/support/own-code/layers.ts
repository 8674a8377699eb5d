import type { CustomOperatorFactory } from '#lockstep/graph/custom-types.js';

/** Own operators for tests: those that lockstep has itself, once more. */

export const relu: CustomOperatorFactory = () => ({
  forward({ input, output }) {
    for (let i = 0; i < input.length; i++) output[i] = Math.max(0, input[i]!);
  },
  backward({ input, outputGradient, inputGradient }) {
    for (let i = 0; i < input.length; i++) inputGradient[i] = input[i]! > 0 ? outputGradient[i]! : 0;
  },
});

export const dense: CustomOperatorFactory<Record<string, unknown>, 'weight' | 'bias'> = () => ({
  forward({ input, output, parameters: { weight, bias } }) {
    for (let o = 0, w = 0; o < output.length; o++) {
      let sum = bias[o]!;
      for (let i = 0; i < input.length; i++, w++) sum += weight[w]! * input[i]!;
      output[o] = sum;
    }
  },
  backward({ input, outputGradient, inputGradient, parameters: { weight }, parameterGradients }) {
    for (let o = 0, w = 0; o < outputGradient.length; o++) {
      parameterGradients.bias[o] = outputGradient[o]!;
      for (let i = 0; i < input.length; i++, w++) {
        inputGradient[i]! += weight[w]! * outputGradient[o]!;
        parameterGradients.weight[w] = outputGradient[o]! * input[i]!;
      }
    }
  },
});

/** x * sigmoid(slope * x), the slope trained. */
export const swish: CustomOperatorFactory<Record<string, unknown>, 'slope'> = () => {
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  return {
    forward({ input, output, parameters: { slope } }) {
      for (let i = 0; i < input.length; i++) output[i] = input[i]! * sigmoid(slope[0]! * input[i]!);
    },
    backward({ input, outputGradient, inputGradient, parameters: { slope }, parameterGradients }) {
      for (let i = 0; i < input.length; i++) {
        const x = input[i]!;
        const s = sigmoid(slope[0]! * x);
        inputGradient[i] = outputGradient[i]! * (s + slope[0]! * x * s * (1 - s));
        parameterGradients.slope[0]! += outputGradient[i]! * x * x * s * (1 - s);
      }
    },
  };
};

/** Drops values at random, as dropout does. */
export const drop: CustomOperatorFactory<{ rate: number }> = ({ rate }) => ({
  forward({ input, output, training, random }) {
    for (let i = 0; i < input.length; i++)
      output[i] = !training ? input[i]! : random() < rate ? 0 : input[i]! / (1 - rate);
  },
  backward({ outputGradient, inputGradient, random }) {
    for (let i = 0; i < inputGradient.length; i++)
      inputGradient[i] = random() < rate ? 0 : outputGradient[i]! / (1 - rate);
  },
});

/** Each channel of the first input by the second's value for it. */
export const scaleChannels: CustomOperatorFactory = (_, { input: [channels, height, width] }) => {
  const positions = height! * width!;
  return {
    forward({ inputs: [x, scale], output }) {
      for (let i = 0; i < output.length; i++) output[i] = x![i]! * scale![Math.floor(i / positions)]!;
    },
    backward({ inputs: [x, scale], outputGradient, inputGradients: [dx, dscale] }) {
      for (let c = 0; c < channels!; c++) {
        for (let i = c * positions; i < (c + 1) * positions; i++) {
          dx![i] = outputGradient[i]! * scale![c]!;
          dscale![c]! += outputGradient[i]! * x![i]!;
        }
      }
    },
  };
};
