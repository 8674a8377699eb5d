import type { ResolvedBatchNorm } from '../../config/resolved.js';
import { type Operator, scratch } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';
import { batchNorm } from './batch-norm.js';

/**
 * A batch norm whose scale and shift are not trained: in training as in evaluations it takes the running statistics, and leaves them as they
 * are (PyTorch's BatchNorm2d in `eval()`). It needs nothing of the rest of the mini-batch, so it ends no stage.
 */
export function frozenBatchNorm(config: ResolvedBatchNorm, input: Shape): Operator {
  const channels = input[0]!;
  const positions = sizeOf(input) / channels;
  const { batchStatistics: _, ...norm } = batchNorm(config, input);
  return {
    ...norm,
    backwardReads: { x: false, y: false },
    // Of each channel: scale and shift; and a shift of 0, for dx.
    scratch: Array.from({ length: 3 }, () => scratch(channels * 4)),

    bind(kernels, at, _, words) {
      const floats = new Float32Array(words.buffer);
      const [weight, bias] = at.parameters.map((address) => address / 4) as [number, number];
      const [mean, variance] = at.state.map((address) => address / 4) as [number, number];
      const [scale, shift, noShift] = at.scratch as [number, number, number];
      return {
        prepare() {
          for (let c = 0; c < channels; c++) {
            const gain = floats[weight + c]! * (1 / Math.sqrt(floats[variance + c]! + config.epsilon));
            floats[scale / 4 + c] = gain;
            floats[shift / 4 + c] = floats[bias + c]! - floats[mean + c]! * gain;
          }
        },
        forward: kernels.scaleChannels.bind(undefined, at.x, at.y, scale, shift, channels, positions),
        backward() {
          if (at.dx !== 0) kernels.scaleChannels(at.dy, at.dx, scale, noShift, channels, positions);
        },
      };
    },
  };
}
