import type { ResolvedGlobalAveragePool, ResolvedPool } from '../../config/resolved.js';
import { type BorderGeometry, groupBytes, type PoolGeometry } from '../../kernels/kernels.js';
import { type Operator, plainOperator, savedScratch } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requirePicture, windowCounts } from './geometry.js';

/** Max- or average-pooling, as PyTorch's MaxPool2d and AvgPool2d: an average counts the zeros of the padding. */
export function pool(config: ResolvedPool, input: Shape, place: LayerPlace): Operator {
  const { type, window, stride, padding } = config;
  const label = labelOf(config, place);
  const [channels, height, width] = requirePicture(label, input);
  const padded = [channels, height + 2 * padding[0], width + 2 * padding[1]];
  const [rows, columns] = windowCounts(label, padded, window, stride);
  const geometry: PoolGeometry = [height, width, ...window, ...stride, rows, columns];
  return windows(type, type === 'maxPool', input, [channels, rows, columns], geometry, padding);
}

/** The average of each channel, as PyTorch's AdaptiveAvgPool2d(1): `[channels, height, width]` to `[channels]`. */
export function globalAveragePool(
  config: ResolvedGlobalAveragePool,
  input: Shape,
  place: LayerPlace,
): Operator {
  const [channels, height, width] = requirePicture(labelOf(config, place), input);
  return windows(config.type, false, input, [channels], [height, width, height, width, 1, 1, 1, 1], [0, 0]);
}

function windows(
  label: string,
  isMax: boolean,
  input: Shape,
  output: Shape,
  geometry: PoolGeometry,
  border: BorderGeometry,
): Operator {
  const channels = input[0]!;
  return {
    ...plainOperator,
    label,
    input,
    output,
    backwardReads: { x: false, y: false },
    scratch: isMax ? [savedScratch(sizeOf(output) * groupBytes)] : [],

    bind(kernels, at) {
      // Bound once: to spread arguments makes an array at each call.
      if (!isMax) {
        return {
          forward: kernels.averagePoolForward.bind(undefined, at.x, at.y, channels, ...geometry, ...border),
          backward: kernels.averagePoolBackward.bind(
            undefined,
            at.dy,
            at.dx,
            channels,
            ...geometry,
            ...border,
          ),
        };
      }
      const argmaxes = at.scratch[0]!;
      return {
        forward: kernels.maxPoolForward.bind(
          undefined,
          at.x,
          at.y,
          argmaxes,
          channels,
          ...geometry,
          ...border,
        ),
        backward: kernels.maxPoolBackward.bind(
          undefined,
          at.dy,
          argmaxes,
          at.dx,
          channels,
          ...geometry,
          ...border,
        ),
      };
    },
  };
}
