import type { ResolvedBatchNorm } from '../../config/resolved.js';
import { type Operator, plainOperator, scratch } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';

/**
 * Batch normalization (Ioffe and Szegedy 2015), as PyTorch's BatchNorm1d and BatchNorm2d: y = (x - mean) / sqrt(variance + epsilon) *
 * weight + bias, a channel at a time. In training mean and variance (biased) are of the whole mini-batch, at any number of threads:
 * float64 sums, added along the fixed tree. An evaluation takes the running ones, whose variance is unbiased.
 */
export function batchNorm(config: ResolvedBatchNorm, input: Shape): Operator {
  const channels = input[0]!;
  const positions = sizeOf(input) / channels;
  const { name, epsilon, momentum, weightInit, biasInit } = config;
  const fans = { fanIn: 1, fanOut: 1, channels };
  return {
    ...plainOperator,
    label: name,
    input,
    output: input,
    parameters: [
      { name: `${name}.weight`, shape: [channels], init: weightInit, ...fans },
      { name: `${name}.bias`, shape: [channels], init: biasInit, ...fans },
    ],
    state: [
      { name: `${name}.running_mean`, shape: [channels], initial: 0 },
      { name: `${name}.running_var`, shape: [channels], initial: 1 },
    ],
    batchStatistics: 2 * channels,
    runningNorm: { epsilon },
    backwardReads: { x: true, y: false },
    // Of each channel: scale and shift of the forward pass, mean and 1 / deviation, and the factors of dx.
    scratch: Array.from({ length: 7 }, () => scratch(channels * 4)),

    bind(kernels, at, context, words) {
      const floats = new Float32Array(words.buffer);
      const doubles = new Float64Array(words.buffer);
      const [weight, bias] = at.parameters.map((address) => address / 4) as [number, number];
      const [weightGradient, biasGradient] = at.gradients as [number, number];
      const [runningMean, runningVariance] = at.state.map((address) => address / 4) as [number, number];
      const [scale, shift, mean, inverse, meanGradient, slope, factor] = at.scratch as Seven;
      const countOf = () => context.batchSamples * positions;

      /** Of a channel over the mini-batch. */
      const averageOf = (sums: number, c: number) => doubles[(sums + at.statistics) / 8 + 2 * c]! / countOf();
      /** Biased. */
      const varianceOf = (sums: number, c: number, average: number) =>
        Math.max(0, doubles[(sums + at.statistics) / 8 + 2 * c + 1]! / countOf() - average * average);
      const use = (c: number, average: number, variance: number) => {
        const inverseDeviation = 1 / Math.sqrt(variance + epsilon);
        const gain = floats[weight + c]! * inverseDeviation;
        floats[mean / 4 + c] = average;
        floats[inverse / 4 + c] = inverseDeviation;
        floats[scale / 4 + c] = gain;
        floats[shift / 4 + c] = floats[bias + c]! - average * gain;
      };
      return {
        prepare() {
          if (context.training) return;
          for (let c = 0; c < channels; c++) use(c, floats[runningMean + c]!, floats[runningVariance + c]!);
        },
        forward: kernels.scaleChannels.bind(undefined, at.x, at.y, scale, shift, channels, positions),
        backward(sums, accumulate) {
          kernels.normGradients(
            at.dy,
            at.x,
            mean,
            inverse,
            sums + weightGradient,
            sums + biasGradient,
            channels,
            positions,
            accumulate,
          );
        },
        batch: {
          statistics(sums, accumulate) {
            kernels.channelSums(at.x, sums + at.statistics, channels, positions, context.count, accumulate);
          },
          useStatistics(sums) {
            for (let c = 0; c < channels; c++) {
              const average = averageOf(sums, c);
              use(c, average, varianceOf(sums, c, average));
            }
          },
          useGradients(sums) {
            const count = countOf();
            for (let c = 0; c < channels; c++) {
              const inverseDeviation = floats[inverse / 4 + c]!;
              floats[meanGradient / 4 + c] = floats[(sums + biasGradient) / 4 + c]! / count;
              floats[slope / 4 + c] = (floats[(sums + weightGradient) / 4 + c]! * inverseDeviation) / count;
              floats[factor / 4 + c] = floats[weight + c]! * inverseDeviation;
            }
          },
          inputGradient() {
            if (at.dx === 0) return;
            kernels.normInputGradient(
              at.dy,
              at.x,
              at.dx,
              mean,
              meanGradient,
              slope,
              factor,
              channels,
              positions,
              context.count,
            );
          },
          updateState(sums) {
            const count = countOf();
            for (let c = 0; c < channels; c++) {
              const average = averageOf(sums, c);
              const variance = varianceOf(sums, c, average);
              const unbiased = count > 1 ? (variance * count) / (count - 1) : variance;
              floats[runningMean + c] = momentum * average + (1 - momentum) * floats[runningMean + c]!;
              floats[runningVariance + c] =
                momentum * unbiased + (1 - momentum) * floats[runningVariance + c]!;
            }
          },
        },
      };
    },
  };
}

type Seven = [number, number, number, number, number, number, number];
