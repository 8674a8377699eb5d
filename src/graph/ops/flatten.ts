import type { ResolvedFlatten } from '../../config/resolve.js';
import type { Operator } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';

/** Flatten: the values lie in PyTorch's order (channel, row, column) already, so nothing moves. */
export const flatten = (config: ResolvedFlatten, input: Shape): Operator =>
  view(config.type, input, [sizeOf(input)]);

/** The same values, under another shape or the same. */
export const view = (label: string, input: Shape, output: Shape): Operator => ({
  label,
  input,
  output,
  parameters: [],
  multiplyAdds: 0,
  isView: true,
  forwardInPlace: true,
  backwardInPlace: true,
  backwardReads: { x: false, y: false },
  tables: [],
  scratch: [],
  bind: () => ({ forward() {}, backward() {} }),
});
