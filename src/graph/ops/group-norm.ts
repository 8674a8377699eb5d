import type { ResolvedGroupNorm, ResolvedLayerNorm } from '../../config/resolved.js';
import { groupBytes } from '../../kernels/kernels.js';
import { type Operator, type ParameterSpec, plainOperator, savedScratch } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requireGroups } from './geometry.js';

/**
 * Group normalization (Wu and He 2018), as PyTorch's GroupNorm: each sample's channels in groups, each group by its mean and (biased) variance:
 * y = (x - mean) / sqrt(variance + epsilon) * weight + bias, which each channel has its own of.
 * @throws UserError where the channels cannot be cut into so many groups
 */
export function groupNorm(config: ResolvedGroupNorm, input: Shape, place: LayerPlace): Operator {
  const channels = input[0]!;
  const { groups } = config;
  requireGroups(labelOf(config, place), channels, groups, 'choose a divisor of the channels');
  return sampleNorm(config, input, groups, [channels]);
}

/** Layer normalization (Ba et al. 2016), as PyTorch's LayerNorm over all of a sample's dimensions: each value has a weight and a bias. */
export const layerNorm = (config: ResolvedLayerNorm, input: Shape): Operator =>
  sampleNorm(config, input, 1, input);

/** @param shape of the weight and the bias */
function sampleNorm(
  { name, epsilon, weightInit, biasInit }: ResolvedGroupNorm | ResolvedLayerNorm,
  input: Shape,
  groups: number,
  shape: Shape,
): Operator {
  const channels = sizeOf(shape) / groups;
  const positions = sizeOf(input) / sizeOf(shape);
  const fans = { fanIn: 1, fanOut: 1, channels: input[0]!, isElementwise: true as const };
  const parameters: ParameterSpec[] = [
    { name: `${name}.weight`, shape, init: weightInit, ...fans },
    { name: `${name}.bias`, shape, init: biasInit, ...fans },
  ];
  return {
    ...plainOperator,
    label: name,
    input,
    output: input,
    parameters,
    backwardReads: { x: true, y: false },
    // Mean and 1 / deviation of each group and lane.
    scratch: [savedScratch(groups * groupBytes), savedScratch(groups * groupBytes)],

    bind(kernels, at) {
      const [weight, bias] = at.parameters as [number, number];
      const [weightGradient, biasGradient] = at.gradients as [number, number];
      const [mean, inverse] = at.scratch as [number, number];
      return {
        forward() {
          kernels.groupStatistics(at.x, mean, inverse, groups, channels * positions, epsilon);
          kernels.groupNormForward(at.x, at.y, mean, inverse, weight, bias, groups, channels, positions);
        },
        backward(sums, accumulate) {
          if (!at.isFrozen) {
            kernels.groupNormGradients(
              at.dy,
              at.x,
              mean,
              inverse,
              sums + weightGradient,
              sums + biasGradient,
              groups,
              channels,
              positions,
              accumulate,
            );
          }
          if (at.dx === 0) return;
          kernels.groupNormInputGradient(
            at.dy,
            at.x,
            at.dx,
            mean,
            inverse,
            weight,
            groups,
            channels,
            positions,
          );
        },
      };
    },
  };
}
