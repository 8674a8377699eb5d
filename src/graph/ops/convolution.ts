import type { Pair, ResolvedConv2d } from '../../config/resolved.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { Operator, ParameterSpec, Places } from '../operator.js';
import { type Shape, sizeOf } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requireGroups, requirePicture, requireRoom, windowCounts } from './geometry.js';

/** Sizes and parameters of a convolution, for its algorithms and the operators that hold one. */
export interface Convolution {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outputs: number;
  readonly rows: number;
  readonly columns: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  /** Each output sees the channels of its group alone. */
  readonly groups: number;
  readonly top: number;
  readonly left: number;
  /** The input with its padding. */
  readonly padded: readonly [channels: number, height: number, width: number];
  /** Products of one output. */
  readonly terms: number;
  readonly parameters: readonly ParameterSpec[];
  readonly multiplyAdds: number;
}

/** @throws UserError where the convolution does not fit its input */
export function convolution(config: ResolvedConv2d, input: Shape, place: LayerPlace): Convolution {
  const label = labelOf(config, place);
  const [channels, height, width] = requirePicture(label, input);
  const [kernelHeight, kernelWidth] = config.kernelSize;
  const [strideHeight, strideWidth] = config.stride;
  const [dilationHeight, dilationWidth] = config.dilation;
  const { groups, outChannels: outputs } = config;
  requireGroups(label, channels, groups, 'choose a divisor of both channels and outChannels');
  const extent: Pair = [(kernelHeight - 1) * dilationHeight + 1, (kernelWidth - 1) * dilationWidth + 1];
  const [[top, bottom], [left, right]] = bordersOf(config.padding, extent);
  const padded = [channels, top + height + bottom, left + width + right] as const;
  const [rows, columns] = windowCounts(label, padded, extent, config.stride);
  const terms = (channels / groups) * kernelHeight * kernelWidth;
  requireRoom(label, [padded, [outputs, rows, columns]], outputs * terms);
  const fans = { fanIn: terms, fanOut: outputs * kernelHeight * kernelWidth, channels };
  const shape = [outputs, channels / groups, kernelHeight, kernelWidth];
  return {
    channels,
    height,
    width,
    outputs,
    rows,
    columns,
    kernelHeight,
    kernelWidth,
    strideHeight,
    strideWidth,
    dilationHeight,
    dilationWidth,
    groups,
    top,
    left,
    padded,
    terms,
    parameters: [
      { name: `${config.name}.weight`, shape, init: config.weightInit, ...fans },
      ...(config.biasInit === undefined
        ? []
        : [{ name: `${config.name}.bias`, shape: [outputs], init: config.biasInit, ...fans }]),
    ],
    multiplyAdds: outputs * rows * columns * terms,
  };
}

/** Whether there are zeros around the input. */
export const isPadded = ({ channels, height, width, padded }: Convolution): boolean =>
  sizeOf(padded) > channels * height * width;

/** Zeros above and below, to the left and to the right. @param extent of the kernel, its dilation counted */
export function bordersOf(padding: ResolvedConv2d['padding'], extent: Pair): readonly [Pair, Pair] {
  const [height, width] =
    padding === 'same'
      ? extent.map((side): Pair => [Math.floor((side - 1) / 2), Math.ceil((side - 1) / 2)])
      : padding.map((side): Pair => [side, side]);
  return [height!, width!];
}

/** Which gradients an algorithm sets something aside for. */
export type Gradients = 'none' | 'of the input' | 'all';

/** A way to compute a convolution: what it asks for, and how it runs. */
export interface ConvAlgorithm extends Pick<Operator, 'tables' | 'scratch'> {
  bind(kernels: Kernels, at: ConvPlaces): BoundConvolution;
}

/** Addresses of a convolution's tensors, and of what was asked for. */
export interface ConvPlaces extends Pick<Places, 'x' | 'y' | 'dy' | 'dx' | 'tables' | 'scratch'> {
  readonly weight: number;
  /** 0 where it has none. */
  readonly bias: number;
}

export interface BoundConvolution {
  /** Once a step: repack the new weights. */
  prepare(): void;
  forward(): void;
  /** After `forward`: from x and dy to the gradient of the weights, at `dw`. */
  weightGradient(dw: number, accumulate: 0 | 1): void;
  /** From dy to dx. */
  inputGradient(): void;
}
