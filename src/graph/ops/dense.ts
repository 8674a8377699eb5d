import type { ResolvedDense } from '../../config/resolved.js';
import { groupBytes, lanes } from '../../kernels/kernels.js';
import { backwardScratch, type Operator, plainOperator } from '../operator.js';
import type { Shape } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requireFlat, requireRoom } from './geometry.js';

/** Dense (fully connected, PyTorch's Linear): y = W x + b, W `[out, in]`, or without b. */
export function dense(config: ResolvedDense, input: Shape, place: LayerPlace): Operator {
  const label = labelOf(config, place);
  const inputs = requireFlat(label, input);
  const outputs = config.outFeatures;
  requireRoom(label, [input, [outputs]], inputs * outputs);
  const fans = { fanIn: inputs, fanOut: outputs, channels: inputs };
  return {
    ...plainOperator,
    label: config.name,
    input,
    output: [outputs],
    parameters: [
      { name: `${config.name}.weight`, shape: [outputs, inputs], init: config.weightInit, ...fans },
      ...(config.biasInit === undefined
        ? []
        : [{ name: `${config.name}.bias`, shape: [outputs], init: config.biasInit, ...fans }]),
    ],
    isLinear: true,
    multiplyAdds: inputs * outputs,
    backwardReads: { x: true, y: false },
    tables: [Uint32Array.from({ length: outputs }, (_, o) => o * groupBytes)],
    scratch: [backwardScratch(Math.ceil(inputs / lanes) * lanes * lanes * 4)],

    bind(kernels, at) {
      const [weight, bias = 0] = at.parameters as [number, number?];
      const [weightGradient, biasGradient] = at.gradients as [number, number?];
      const table = at.tables[0]!;
      const rows = at.scratch[0]!;
      return {
        forward() {
          kernels.denseForward(at.x, inputs, weight, bias, at.y, outputs);
        },
        backward(gradients, accumulate) {
          if (!at.isFrozen) {
            kernels.transpose(at.x, inputs, rows);
            kernels.denseWeightGradient(at.dy, rows, gradients + weightGradient, outputs, inputs, accumulate);
            if (biasGradient !== undefined)
              kernels.biasGradient(at.dy, gradients + biasGradient, outputs, 1, accumulate);
          }
          if (at.dx === 0) return;
          kernels.weightedSums(at.dy, 0, 0, table, outputs, weight, inputs * 4, 0, at.dx, inputs, 1, 1, 0);
        },
      };
    },
  };
}
