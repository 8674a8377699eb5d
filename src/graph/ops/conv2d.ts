import type { ResolvedConv2d } from '../../config/resolved.js';
import { type Operator, plainOperator } from '../operator.js';
import type { Shape } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { chooseAlgorithm } from './conv-algorithm.js';
import { convolution } from './convolution.js';

/**
 * Convolution (cross-correlation, as PyTorch's Conv2d): y[o] = b[o] + sum over c, i, j of w[o][c][i][j] * x[c][row + i][column + j], c the
 * channels of the output's group. With a stride and a dilation: x[c][row * stride + i * dilation], the column likewise.
 */
export function conv2d(config: ResolvedConv2d, input: Shape, place: LayerPlace): Operator {
  const conv = convolution(config, input, place);
  const { outputs, rows, columns } = conv;
  const algorithm = chooseAlgorithm(conv, 'all');
  return {
    ...plainOperator,
    label: config.name,
    input,
    output: [outputs, rows, columns],
    parameters: conv.parameters,
    isLinear: true,
    multiplyAdds: conv.multiplyAdds,
    backwardReads: { x: true, y: false },
    tables: algorithm.tables,
    scratch: algorithm.scratch,

    bind(kernels, at) {
      const [weight, bias = 0] = at.parameters as [number, number?];
      const [weightGradient, biasGradient] = at.gradients as [number, number?];
      const bound = algorithm.bind(kernels, { ...at, weight, bias });
      return {
        prepare: bound.prepare,
        forward: bound.forward,
        backward(gradients, accumulate) {
          if (!at.isFrozen) bound.weightGradient(gradients + weightGradient, accumulate);
          if (biasGradient !== undefined && !at.isFrozen)
            kernels.biasGradient(at.dy, gradients + biasGradient, outputs, rows * columns, accumulate);
          if (at.dx !== 0) bound.inputGradient();
        },
      };
    },
  };
}
