import type { ResolvedZeroPad } from '../../config/resolve.js';
import type { Operator } from '../operator.js';
import type { Shape } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requirePicture } from './geometry.js';

/** Zeros around a picture, each side its own width, as PyTorch's ZeroPad2d. */
export function zeroPad(config: ResolvedZeroPad, input: Shape, place: LayerPlace): Operator {
  const [channels, height, width] = requirePicture(labelOf(config, place), input);
  const { top, right, bottom, left } = config;
  const output = [channels, height + top + bottom, width + left + right] as const;
  return {
    label: 'zeroPad',
    input,
    output,
    parameters: [],
    multiplyAdds: 0,
    isView: false,
    forwardInPlace: false,
    backwardInPlace: false,
    backwardReads: { x: false, y: false },
    tables: [],
    scratch: [],

    bind: (kernels, at) => ({
      forward: () => kernels.embed(at.x, at.y, channels, height, width, output[1], output[2], top, left),
      backward: () => kernels.crop(at.dy, at.dx, channels, height, width, output[1], output[2], top, left),
    }),
  };
}
