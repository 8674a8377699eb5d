import type { ResolvedFlatten } from '../../config/resolve.js';
import type { Operator } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';

/** Flatten: the values lie in PyTorch's order (channel, row, column) already, so nothing moves. */
export function flatten(config: ResolvedFlatten, input: Shape): Operator {
  return {
    label: config.type,
    input,
    output: [sizeOf(input)],
    parameters: [],
    multiplyAdds: 0,
    isView: true,
    forwardInPlace: true,
    backwardInPlace: true,
    backwardReads: { x: false, y: false },
    tables: [],
    scratch: [],
    bind: () => ({ forward() {}, backward() {} }),
  };
}
