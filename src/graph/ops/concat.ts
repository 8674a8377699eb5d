import type { ResolvedConcat } from '../../config/resolved.js';
import { ExitCode, UserError } from '../../errors.js';
import { groupBytes, lanes } from '../../kernels/kernels.js';
import { type Operator, plainOperator } from '../operator.js';
import { type Shape, showShape, sizeOf } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf } from './geometry.js';

/**
 * Several tensors one behind the other along their channels, as PyTorch's cat over dimension 1; of vectors, along their features.
 * @param inputs shapes of all of them
 * @throws UserError where heights or widths differ
 */
export function concat(
  config: ResolvedConcat,
  input: Shape,
  place: LayerPlace,
  inputs: readonly Shape[],
): Operator {
  const [, ...picture] = input;
  const other = inputs.find(([, ...rest]) => rest.join() !== picture.join());
  if (other !== undefined) {
    throw new UserError(
      `layer ${labelOf(config, place)} gets ${showShape(input)} and ${showShape(other)} values; expected pictures of one height and width, ` +
        'or vectors alone',
      ExitCode.usage,
    );
  }
  const counts = inputs.map((shape) => sizeOf(shape) * lanes);
  /** Of each input's first value, in bytes. */
  const offsets = inputs.map(
    (_, i) => inputs.slice(0, i).reduce((sum, shape) => sum + sizeOf(shape), 0) * groupBytes,
  );
  return {
    ...plainOperator,
    label: config.name ?? config.type,
    input,
    output: [inputs.reduce((sum, [channels]) => sum + channels!, 0), ...picture],
    backwardReads: { x: false, y: false },

    bind: (kernels, at) => ({
      forward() {
        for (let i = 0; i < counts.length; i++) kernels.copy(at.xs[i]!, at.y + offsets[i]!, counts[i]!);
      },
      backward() {
        for (let i = 0; i < counts.length; i++)
          if (at.dxs[i] !== 0) kernels.copy(at.dy + offsets[i]!, at.dxs[i]!, counts[i]!);
      },
    }),
  };
}
