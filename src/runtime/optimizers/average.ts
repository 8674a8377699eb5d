import type { OptimizerConfig } from '../../config/schema.js';
import type { Network } from '../../graph/network.js';
import type { Kernels } from '../../kernels/kernels.js';

/**
 * The exponential average of the weights, running statistics included. The first step's weights begin it; then average += (1 - d) *
 * (weights - average) with d = min(decay, (1 + step) / (10 + step)), so that the first steps, whose weights are poor, are soon forgotten (as
 * TensorFlow's ExponentialMovingAverage with num_updates).
 * @param average address of the slot
 * @returns what takes in the weights after a step, from 1 over the whole training
 */
export function bindAverage(
  kernels: Kernels,
  { parameters, state }: { readonly parameters: number; readonly state: number },
  average: number,
  { bufferLength, stateLength }: Network,
  { decay }: NonNullable<OptimizerConfig['weightAverage']>,
): (step: number) => void {
  const averageState = average + bufferLength * 4;
  return (step) => {
    if (step === 1) {
      kernels.copy(parameters, average, bufferLength);
      kernels.copy(state, averageState, stateLength);
      return;
    }
    const part = 1 - Math.min(decay, (1 + step) / (10 + step));
    kernels.lerp(average, parameters, bufferLength, part);
    kernels.lerp(averageState, state, stateLength, part);
  };
}
