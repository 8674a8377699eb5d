import type { ResolvedPool } from '../../config/resolve.js';
import { groupBytes, type PoolGeometry } from '../../kernels/kernels.js';
import { type Operator, savedScratch } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requirePicture, windowCounts } from './geometry.js';

/** Max- or average-pooling without padding, as PyTorch's MaxPool2d and AvgPool2d. */
export function pool(config: ResolvedPool, input: Shape, place: LayerPlace): Operator {
  const label = labelOf(config, place);
  const [channels, height, width] = requirePicture(label, input);
  const [rows, columns] = windowCounts(label, input, config.window, config.stride);
  const output = [channels, rows, columns];
  const geometry: PoolGeometry = [height, width, ...config.window, ...config.stride, rows, columns];
  const isMax = config.type === 'maxPool';
  return {
    label: config.type,
    input,
    output,
    parameters: [],
    multiplyAdds: 0,
    isView: false,
    forwardInPlace: false,
    backwardInPlace: false,
    backwardReads: { x: false, y: false },
    tables: [],
    scratch: isMax ? [savedScratch(sizeOf(output) * groupBytes)] : [],

    bind(kernels, at) {
      // Bound once: to spread arguments makes an array at each call.
      if (!isMax) {
        return {
          forward: kernels.averagePoolForward.bind(undefined, at.x, at.y, channels, ...geometry),
          backward: kernels.averagePoolBackward.bind(undefined, at.dy, at.dx, channels, ...geometry),
        };
      }
      const argmaxes = at.scratch[0]!;
      return {
        forward: kernels.maxPoolForward.bind(undefined, at.x, at.y, argmaxes, channels, ...geometry),
        backward: kernels.maxPoolBackward.bind(undefined, at.dy, argmaxes, at.dx, channels, ...geometry),
      };
    },
  };
}
