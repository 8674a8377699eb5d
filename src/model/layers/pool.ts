import type { ResolvedPool } from '../../config/resolve.js';
import { groupBytes, type PoolGeometry } from '../../kernels/kernels.js';
import type { Layer } from '../layer.js';
import { type Shape, sizeOf } from '../shape.js';
import { requirePicture, windowCount } from './geometry.js';

/** Max- or average-pooling without padding, as PyTorch's MaxPool2d and AvgPool2d. */
export function pool(config: ResolvedPool, input: Shape): Layer {
  const [channels, height, width] = requirePicture(config.type, input);
  const rows = windowCount(config.type, 'height', height, config.window[0], config.stride[0]);
  const columns = windowCount(config.type, 'width', width, config.window[1], config.stride[1]);
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
    scratch: isMax ? [sizeOf(output) * groupBytes] : [],

    bind(kernels, at) {
      if (!isMax) {
        return {
          forward: () => kernels.averagePoolForward(at.x, at.y, channels, ...geometry),
          backward: () => kernels.averagePoolBackward(at.dy, at.dx, channels, ...geometry),
        };
      }
      const winners = at.scratch[0]!;
      return {
        forward: () => kernels.maxPoolForward(at.x, at.y, winners, channels, ...geometry),
        backward: () => kernels.maxPoolBackward(at.dy, winners, at.dx, channels, ...geometry),
      };
    },
  };
}
