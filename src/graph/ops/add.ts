import type { ResolvedAdd, ResolvedResidual } from '../../config/resolved.js';
import { lanes } from '../../kernels/kernels.js';
import { type Operator, plainOperator } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';

/** The sum of several tensors of one shape, from the first on: ((x0 + x1) + x2) + ... The gradient of each is dy. */
export function add(config: ResolvedAdd | ResolvedResidual, input: Shape): Operator {
  const count = sizeOf(input) * lanes;
  return {
    ...plainOperator,
    label: config.name ?? config.type,
    input,
    output: input,
    backwardReads: { x: false, y: false },

    bind: (kernels, at) => ({
      forward() {
        kernels.sumOfTwo(at.xs[0]!, at.xs[1]!, at.y, count);
        for (let i = 2; i < at.xs.length; i++) kernels.add(at.y, at.xs[i]!, count);
      },
      backward() {
        for (let i = 0; i < at.dxs.length; i++) if (at.dxs[i] !== 0) kernels.copy(at.dy, at.dxs[i]!, count);
      },
    }),
  };
}
