import type { CustomOperatorFactory, ForwardPass } from 'lockstep';

type Weights = 'squeeze' | 'squeezeBias' | 'excite' | 'exciteBias';

/**
 * Squeeze and excitation (Hu, Shen and Sun 2018, section 3): each channel times a gate, sigmoid(E relu(S means + b) + c), made of the means
 * of all channels. S `[hidden, channels]`, E `[channels, hidden]`.
 */
const squeezeExcitation: CustomOperatorFactory<Record<string, unknown>, Weights> = (
  _,
  { input, parameters },
) => {
  const [channels, height, width] = input as [number, number, number];
  const hidden = parameters.squeeze[0]!;
  const positions = height * width;
  // Room for one sample, made once a thread; both passes fill it anew.
  const [means, gates] = [new Float64Array(channels), new Float64Array(channels)];
  const units = new Float64Array(hidden);

  const compute = ({
    input,
    parameters: { squeeze, squeezeBias, excite, exciteBias },
  }: ForwardPass<Weights>) => {
    for (let c = 0; c < channels; c++) {
      means[c] = 0;
      for (let i = c * positions; i < (c + 1) * positions; i++) means[c]! += input[i]! / positions;
    }
    for (let h = 0; h < hidden; h++) {
      let sum = squeezeBias[h]!;
      for (let c = 0; c < channels; c++) sum += squeeze[h * channels + c]! * means[c]!;
      units[h] = Math.max(0, sum);
    }
    for (let c = 0; c < channels; c++) {
      let sum = exciteBias[c]!;
      for (let h = 0; h < hidden; h++) sum += excite[c * hidden + h]! * units[h]!;
      gates[c] = 1 / (1 + Math.exp(-sum));
    }
  };

  return {
    forward(pass) {
      compute(pass);
      const { input, output } = pass;
      for (let i = 0; i < input.length; i++) output[i] = input[i]! * gates[Math.floor(i / positions)]!;
    },
    backward(pass) {
      compute(pass);
      const { input, outputGradient, inputGradient, parameters, parameterGradients: gradients } = pass;
      const unitGradients = new Float64Array(hidden);
      for (let c = 0; c < channels; c++) {
        let gateGradient = 0;
        for (let i = c * positions; i < (c + 1) * positions; i++) {
          inputGradient[i] = outputGradient[i]! * gates[c]!;
          gateGradient += outputGradient[i]! * input[i]!;
        }
        const sumGradient = gateGradient * gates[c]! * (1 - gates[c]!);
        gradients.exciteBias[c] = sumGradient;
        for (let h = 0; h < hidden; h++) {
          gradients.excite[c * hidden + h] = sumGradient * units[h]!;
          unitGradients[h]! += sumGradient * parameters.excite[c * hidden + h]!;
        }
      }
      for (let h = 0; h < hidden; h++) {
        if (units[h] === 0) continue;
        gradients.squeezeBias[h] = unitGradients[h]!;
        for (let c = 0; c < channels; c++) {
          gradients.squeeze[h * channels + c] = unitGradients[h]! * means[c]!;
          const meanGradient = unitGradients[h]! * parameters.squeeze[h * channels + c]!;
          for (let i = c * positions; i < (c + 1) * positions; i++)
            inputGradient[i]! += meanGradient / positions;
        }
      }
    },
  };
};

export default squeezeExcitation;
