import type { OptimizerConfig } from '../../config/schema.js';
import type { Network } from '../../graph/network.js';
import type { Kernels } from '../../kernels/kernels.js';

/**
 * Bounds a gradient, which is a sum over the mini-batch's samples, as PyTorch's clip_grad_norm_ and clip_grad_value_ do.
 * @param gradient its address
 * @param scale what the optimizer multiplies it by
 * @returns what the optimizer is to multiply it by
 */
export type Clip = (gradient: number, scale: number) => number;

/** As PyTorch adds it to the norm, which may be 0. */
const tiny = 1e-6;

/**
 * The norm is a sum in float64: the squares of each parameter as `sumOfSquares` adds them, then the parameters in order. To clip by value
 * changes the gradient in its place.
 */
export function bindClipping(
  kernels: Kernels,
  { parameters, bufferLength }: Network,
  clipping: OptimizerConfig['gradientClipping'],
): Clip {
  if (clipping?.norm !== undefined) {
    const { norm: limit } = clipping;
    const trained = parameters.filter(({ isFrozen }) => !isFrozen);
    return (gradient, scale) => {
      let squares = 0;
      for (let i = 0; i < trained.length; i++) {
        const { offset, size } = trained[i]!;
        squares += kernels.sumOfSquares(gradient + offset * 4, Math.ceil(size / 4) * 4); // the gap behind it is 0
      }
      return scale * Math.min(1, limit / (scale * Math.sqrt(squares) + tiny));
    };
  }
  if (clipping?.value !== undefined) {
    const { value: limit } = clipping;
    return (gradient, scale) => {
      if (scale > 0) kernels.clamp(gradient, bufferLength, limit / scale);
      return scale;
    };
  }
  return (_, scale) => scale;
}
