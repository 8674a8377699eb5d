import { activations, optionOf } from '../../config/activations.js';
import type { ResolvedActivation } from '../../config/resolved.js';
import { backwardOf } from '../../kernels/activation/backward.js';
import { groupBytes } from '../../kernels/kernels.js';
import { type Operator, plainOperator, savedScratch } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';

/** An activation, element by element; `activations` has a row for each. */
export function activation(config: ResolvedActivation, input: Shape): Operator {
  const keepsSlope = activations[config.type].keeps === 'slope';
  const count = sizeOf(input);
  return {
    ...plainOperator,
    label: config.type,
    input,
    output: input,
    forwardInPlace: true,
    backwardInPlace: true,
    backwardReads: { x: false, y: !keepsSlope },
    scratch: keepsSlope ? [savedScratch(count * groupBytes)] : [],

    bind(kernels, at, context) {
      const forward = kernels[`${config.type}Forward`];
      const backward = backwardOf(kernels, config.type);
      const option = optionOf(config);
      const slope = at.scratch[0] ?? 0;
      const kept = keepsSlope ? slope : at.y;
      return {
        forward: () => forward(at.x, at.y, context.training ? slope : 0, count, option),
        backward: () => backward(kept, at.dy, at.dx, count, option),
      };
    },
  };
}
