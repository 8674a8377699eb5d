import type { ResolvedConv2d } from '../../config/resolve.js';
import type { Kernels } from '../../kernels/kernels.js';
import type { Operator, ParameterSpec, Places } from '../operator.js';
import type { Shape } from '../shape.js';
import type { LayerPlace } from '../wiring.js';
import { labelOf, requirePicture, requireRoom, windowCounts } from './geometry.js';

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
  const [top, left] = config.padding;
  const outputs = config.outChannels;
  const padded = [channels, height + 2 * top, width + 2 * left] as const;
  const [rows, columns] = windowCounts(label, padded, config.kernelSize, config.stride);
  const terms = channels * kernelHeight * kernelWidth;
  requireRoom(label, [padded, [outputs, rows, columns]], outputs * terms);
  const fans = { fanIn: terms, fanOut: outputs * kernelHeight * kernelWidth, channels };
  const shape = [outputs, channels, kernelHeight, kernelWidth];
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
    top,
    left,
    padded,
    terms,
    parameters: [
      { name: `${config.name}.weight`, shape, init: config.weightInit, ...fans },
      { name: `${config.name}.bias`, shape: [outputs], init: config.biasInit, ...fans },
    ],
    multiplyAdds: outputs * rows * columns * terms,
  };
}

/** A way to compute a convolution: what it asks for, and how it runs. */
export interface ConvAlgorithm extends Pick<Operator, 'tables' | 'scratch'> {
  bind(kernels: Kernels, at: ConvPlaces): BoundConvolution;
}

/** Addresses of a convolution's tensors, and of what was asked for. */
export interface ConvPlaces extends Pick<Places, 'x' | 'y' | 'dy' | 'dx' | 'tables' | 'scratch'> {
  readonly weight: number;
  readonly bias: number;
}

export interface BoundConvolution {
  /** Once a step: repack the new weights. */
  prepare(): void;
  forward(): void;
  /** After `forward`: from x and dy to the gradient of the weights, at `dw`. */
  weightGradient(dw: number, accumulate: 0 | 1): void;
  /** After `weightGradient`: from dy to dx. */
  inputGradient(): void;
}
