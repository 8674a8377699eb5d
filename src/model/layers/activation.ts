import { activations } from '../../config/activations.js';
import type { ResolvedActivation } from '../../config/resolve.js';
import type { Layer } from '../layer.js';
import { type Shape, sizeOf } from '../shape.js';

/** An activation, element by element; `activations` has a row for each. */
export function activation(config: ResolvedActivation, input: Shape): Layer {
  const reads = activations[config.type].backwardReads;
  const count = sizeOf(input);
  return {
    label: config.type,
    input,
    output: input,
    parameters: [],
    multiplyAdds: 0,
    isView: false,
    forwardInPlace: reads === 'y',
    backwardInPlace: true,
    backwardReads: { x: reads === 'x', y: reads === 'y' },
    tables: [],
    scratch: [],

    bind(kernels, at) {
      const forward = kernels[`${config.type}Forward`];
      const backward = kernels[`${config.type}Backward`];
      return {
        forward: () => forward(at.x, at.y, count),
        backward: () => backward(at.x, at.y, at.dy, at.dx, count),
      };
    },
  };
}
