import type { CustomOperatorFactory } from 'lockstep';

/** x * sigmoid(slope * x) of each value, with a slope that is trained (Ramachandran, Zoph and Le 2017, eq. 1). */
const swish: CustomOperatorFactory<Record<string, unknown>, 'slope'> = () => ({
  forward({ input, output, parameters }) {
    const slope = parameters.slope[0]!;
    for (let i = 0; i < input.length; i++) output[i] = input[i]! * sigmoid(slope * input[i]!);
  },
  backward({ input, outputGradient, inputGradient, parameters, parameterGradients }) {
    const slope = parameters.slope[0]!;
    for (let i = 0; i < input.length; i++) {
      const x = input[i]!;
      const s = sigmoid(slope * x);
      inputGradient[i] = outputGradient[i]! * (s + slope * x * s * (1 - s));
      parameterGradients.slope[0]! += outputGradient[i]! * x * x * s * (1 - s);
    }
  },
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export default swish;
