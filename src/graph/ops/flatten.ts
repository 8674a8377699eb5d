import type { ResolvedFlatten } from '../../config/resolved.js';
import { type Operator, plainOperator } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';

/** Flatten: the values lie in PyTorch's order (channel, row, column) already, so nothing moves. */
export const flatten = (config: ResolvedFlatten, input: Shape): Operator =>
  view(config.type, input, [sizeOf(input)]);

/** The same values, under another shape or the same. */
export const view = (label: string, input: Shape, output: Shape): Operator => ({
  ...plainOperator,
  label,
  input,
  output,
  backwardReads: { x: false, y: false },
  isView: true,
  forwardInPlace: true,
  backwardInPlace: true,
  bind: () => ({ forward() {}, backward() {} }),
});
