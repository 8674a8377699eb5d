import type { Kernels } from '../../kernels/kernels.js';
import type { Scratch } from '../operator.js';
import type { BoundConvolution, Convolution } from './convolution.js';

/** A picture with its padding, and what a kernel makes of it at stride 1. */
export type Correlation = Pick<
  Convolution,
  | 'channels'
  | 'height'
  | 'width'
  | 'top'
  | 'left'
  | 'outputs'
  | 'rows'
  | 'columns'
  | 'kernelHeight'
  | 'kernelWidth'
>;

/** How a correlation is computed: what it asks for, and how it runs. */
export interface CorrelationPlan {
  readonly table: Uint32Array;
  readonly scratch: readonly Scratch[];
  bind(kernels: Kernels, table: number, scratch: readonly number[]): BoundCorrelation;
}

interface BoundCorrelation {
  /** Take weights; steps in bytes from one output, input, kernel row and column to the next. */
  pack(weight: number, outputStep: number, inputStep: number, rowStep: number, columnStep: number): void;
  run(x: number, bias: number, y: number): void;
}

/** How the gradient of the weights is computed. */
export interface WeightGradientPlan {
  readonly table: Uint32Array;
  /** Bytes of each buffer, for the backward pass alone. */
  readonly scratch: readonly number[];
  bind(kernels: Kernels, at: WeightGradientPlaces): BoundConvolution['weightGradient'];
}

interface WeightGradientPlaces {
  readonly x: number;
  readonly dy: number;
  readonly table: number;
  readonly scratch: readonly number[];
  /** The forward pass's scratch, as that left it. */
  readonly forward: readonly number[];
}

/** Tiles of one shape: Winograd's filtering in one direction or in both. */
export interface WinogradForm {
  /** Whether it saves enough products to pay for its transforms. */
  pays(size: Correlation): boolean;
  correlation(size: Correlation): CorrelationPlan;
  weightGradient(size: Correlation): WeightGradientPlan;
}
