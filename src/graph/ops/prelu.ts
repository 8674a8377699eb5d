import type { ResolvedPRelu } from '../../config/resolved.js';
import { type Operator, plainOperator } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';

/** PReLU (He et al. 2015), as PyTorch's: one trained slope, or one for each channel. */
export function prelu(config: ResolvedPRelu, input: Shape): Operator {
  const channels = config.slopes === 'one' ? 1 : input[0]!;
  const positions = sizeOf(input) / channels;
  const { name, weightInit } = config;
  return {
    ...plainOperator,
    label: name,
    input,
    output: input,
    parameters: [
      {
        name: `${name}.weight`,
        shape: [channels],
        init: weightInit,
        fanIn: 1,
        fanOut: 1,
        channels: input[0]!,
      },
    ],
    backwardInPlace: true,
    backwardReads: { x: true, y: false },

    bind(kernels, at) {
      const [slopes] = at.parameters as [number];
      const [gradient] = at.gradients as [number];
      return {
        forward: () => kernels.preluForward(at.x, at.y, slopes, channels, positions),
        backward(sums, accumulate) {
          if (!at.isFrozen)
            kernels.preluGradient(at.dy, at.x, sums + gradient, channels, positions, accumulate);
          if (at.dx !== 0) kernels.preluInputGradient(at.dy, at.x, at.dx, slopes, channels, positions);
        },
      };
    },
  };
}
