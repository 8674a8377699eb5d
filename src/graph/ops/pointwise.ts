import { groupBytes, type Kernels } from '../../kernels/kernels.js';
import { sizeOf } from '../shape.js';
import type { Convolution } from './convolution.js';

/** The sums of a 1 x 1 convolution over tiles of positions: see `pointwiseSums`. */
export interface Pointwise {
  /** Of the planes of a tile. */
  readonly table: Uint32Array;
  /** Of a tile. */
  readonly bytes: number;
  bind(kernels: Kernels, at: PointwisePlaces): () => void;
}

type PointwiseShape = Pick<
  Convolution,
  'channels' | 'height' | 'width' | 'outputs' | 'rows' | 'columns' | 'strideHeight' | 'strideWidth'
>;

interface PointwisePlaces {
  readonly x: number;
  readonly panels: number;
  /** 0 for none. */
  readonly bias: number;
  readonly y: number;
  readonly table: number;
  readonly tile: number;
}

/** Positions of a tile: with an odd number of cache lines (2 groups each) its planes begin in different sets. 14 to 46 are equally fast. */
const tileColumns = 18;

/** Whether a convolution is one at each position, without padding. */
export const isPointwise = ({
  kernelHeight,
  kernelWidth,
  channels,
  height,
  width,
  padded,
}: Convolution): boolean => kernelHeight * kernelWidth === 1 && sizeOf(padded) === channels * height * width;

export function pointwise(shape: PointwiseShape): Pointwise {
  const { channels, height, width, outputs, rows, columns, strideHeight, strideWidth } = shape;
  const planeBytes = tileColumns * groupBytes;
  // Without a stride all positions are one row.
  const size = strideHeight * strideWidth === 1 ? ([1, rows * columns] as const) : ([rows, columns] as const);
  return {
    table: Uint32Array.from({ length: channels }, (_, c) => c * planeBytes),
    bytes: channels * planeBytes,

    bind:
      (kernels, { x, panels, bias, y, table, tile }) =>
      () =>
        kernels.pointwiseSums(
          x,
          height * width * groupBytes,
          strideHeight * width * groupBytes,
          strideWidth * groupBytes,
          channels,
          panels,
          bias,
          y,
          outputs,
          ...size,
          table,
          tile,
          tileColumns,
          kernels.joined,
        ),
  };
}
