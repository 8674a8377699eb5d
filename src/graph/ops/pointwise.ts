import { groupBytes, type Kernels } from '../../kernels/kernels.js';
import { type Convolution, isPadded } from './convolution.js';
import { planeDistance, planeTable } from './geometry.js';

/** The sums of a 1 x 1 convolution. */
export interface Pointwise {
  /** Byte offsets of the inputs of one position. */
  readonly table: Uint32Array;
  /** Of the tile; 0 where there is none. */
  readonly tileBytes: number;
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

/** Positions of a tile: an odd number of cache lines, of 2 lane groups each, so that its planes begin in different sets of the cache. */
const tileColumns = 18;

/** Whether the kernel is 1 x 1, and nothing is padded. */
export const isPointwise = (conv: Convolution): boolean =>
  conv.kernelHeight === 1 && conv.kernelWidth === 1 && !isPadded(conv);

/** Over tiles where the planes of x would crowd a few sets of the cache (see `planeDistance`), else over x itself. */
export function pointwise(shape: PointwiseShape): Pointwise {
  const { channels, height, width, outputs, rows, columns, strideHeight, strideWidth } = shape;
  const positions = height * width;
  const isTiled = planeDistance(positions) > positions;
  const strides = [strideHeight * width * groupBytes, strideWidth * groupBytes] as const;
  // Without a stride all positions are one row: it has more tiles that are full.
  const size = strideHeight * strideWidth === 1 ? ([1, rows * columns] as const) : ([rows, columns] as const);
  return {
    table: planeTable(channels, isTiled ? tileColumns : positions, 1),
    tileBytes: isTiled ? channels * tileColumns * groupBytes : 0,

    // A call is bound once, with its arguments: to spread them at each call would make an array.
    bind: (kernels, { x, panels, bias, y, table, tile }) =>
      isTiled
        ? kernels.pointwiseSums.bind(
            undefined,
            ...([x, positions * groupBytes, ...strides, channels, panels, bias, y, outputs] as const),
            ...([...size, table, tile, tileColumns, kernels.joined] as const),
          )
        : kernels.weightedSums.bind(
            undefined,
            ...([x, ...strides, table, channels, panels, 0, bias, y, outputs] as const),
            ...([rows, columns, kernels.joined] as const),
          ),
  };
}
