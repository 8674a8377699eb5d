import type { ResolvedZeroPad } from '../../config/resolved.js';
import { type Operator, plainOperator } from '../operator.js';
import type { Shape } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requirePicture } from './geometry.js';

/** Zeros around a picture, each side its own width, as PyTorch's ZeroPad2d. */
export function zeroPad(config: ResolvedZeroPad, input: Shape, place: LayerPlace): Operator {
  const [channels, height, width] = requirePicture(labelOf(config, place), input);
  const { top, right, bottom, left } = config;
  const output = [channels, height + top + bottom, width + left + right] as const;
  return {
    ...plainOperator,
    label: 'zeroPad',
    input,
    output,
    backwardReads: { x: false, y: false },

    bind: (kernels, at) => ({
      forward: () => kernels.embed(at.x, at.y, channels, height, width, output[1], output[2], top, left),
      backward: () => kernels.crop(at.dy, at.dx, channels, height, width, output[1], output[2], top, left),
    }),
  };
}
