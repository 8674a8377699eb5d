import { weightedSums } from '../gemm/reference.js';
import { lanes } from '../kernels.js';
import { place, range, sum, tensor } from '../plain.js';
import { gridPoints, rowPoints, times, timesBoth, type Winograd, winograd } from './matrices.js';

type Values = ArrayLike<number>;

/** A picture and what a kernel makes of it. */
export interface Size {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
  readonly outputs: number;
  readonly rows: number;
  readonly columns: number;
  readonly kernelHeight: number;
  readonly taps: number;
}

export const points = rowPoints.length + 1;

/** The matrices along the rows, by their taps. */
const along: readonly Winograd[] = range(6).map((taps) => winograd(rowPoints, taps));

export const stepOf = ({ taps }: Pick<Size, 'taps'>) => points + 1 - taps;
export const tilesOf = (size: Pick<Size, 'taps' | 'columns'>) => Math.ceil(size.columns / stepOf(size));

/** Bᵀ of a picture's tiles, along its rows: `[point][channel][row][tile]` lane groups. */
export function inputTransform(x: Values, size: Size): Float64Array {
  const { channels, height, width, left } = size;
  const { B } = along[size.taps]!;
  return tensor([points, channels, height, tilesOf(size), lanes], (p, c, r, t, lane) => {
    const first = t! * stepOf(size) - left;
    const tile = range(points).map((i) => {
      const column = first + i;
      return column < 0 || column >= width
        ? 0
        : x[place([channels, height, width, lanes], c!, r!, column, lane!)]!;
    });
    return times(B, tile)[p!]!;
  });
}

/** Aᵀ of sums `[point][row][tile]` lane groups to `[row][columns]` lane groups, and the bias of each row. */
export function outputTransform(
  sums: Values,
  rows: number,
  size: Size,
  bias: (row: number) => number,
): Float64Array {
  const { A } = along[size.taps]!;
  const step = stepOf(size);
  return tensor([rows, size.columns, lanes], (r, column, lane) => {
    const tile = Math.floor(column! / step);
    const values = range(points).map(
      (p) => sums[place([points, rows, tilesOf(size), lanes], p, r!, tile, lane!)]!,
    );
    return times(A, values)[column! % step]! + bias(r!);
  });
}

/** bias[o] + Aᵀ of each point's `weightedSums` over a transform `v`, whose points lie `plane` bytes apart. */
export function sums(
  v: Values,
  plane: number,
  table: Values,
  weight: (point: number, term: number, output: number) => number,
  bias: Values,
  size: Size,
): Float64Array {
  const tiles = tilesOf(size);
  const { outputs, rows } = size;
  const strides = [tiles * lanes * 4, lanes * 4] as const;
  const all = range(points).flatMap((p) => {
    const from = Array.from(v).slice((p * plane) / 4);
    return [
      ...weightedSums(from, strides, table, (t, o) => weight(p, t, o), undefined, [outputs, rows, tiles]),
    ];
  });
  return outputTransform(all, outputs * rows, size, (row) => bias[Math.floor(row / rows)]!);
}

/** G of each kernel row: `[point]`, of weight (output, input, row). */
export const tapTransform = (w: readonly number[]): number[] => times(along[w.length]!.G, w);

/** G of a 3 x 3 kernel, in both directions: `[6][6]`. */
export const gridTransform = (w: readonly (readonly number[])[]): number[] =>
  timesBoth(winograd(gridPoints, 3).G, w).flat();

/** The correlation by its definition: what all of this is about. */
export function correlation(x: Values, w: Values, bias: Values, size: Size): Float64Array {
  const { channels, height, width, top, left, outputs, rows, columns, kernelHeight, taps } = size;
  return tensor([outputs, rows, columns, lanes], (o, r, c, lane) => {
    const products = sum(channels, (k) =>
      sum(kernelHeight, (i) =>
        sum(taps, (j) => {
          const [row, column] = [r! + i - top, c! + j - left];
          if (row < 0 || row >= height || column < 0 || column >= width) return 0;
          const weight = w[place([outputs, channels, kernelHeight, taps], o!, k, i, j)]!;
          return weight * x[place([channels, height, width, lanes], k, row, column, lane!)]!;
        }),
      ),
    );
    return products + bias[o!]!;
  });
}

/** G of dy, whose `step` columns of a tile are the taps; zero behind a line's end: `[point][line][tile]` lane groups. */
export function gradientTransform(dy: Values, lines: number, size: Size): Float64Array {
  const step = stepOf(size);
  return tensor([points, lines, tilesOf(size), lanes], (p, line, t, lane) => {
    const values = range(step).map((k) => {
      const column = t! * step + k;
      return column < size.columns ? dy[place([lines, size.columns, lanes], line!, column, lane!)]! : 0;
    });
    return tapTransform(values)[p!]!;
  });
}

/** before + Aᵀ of `[point][count]` sums, to `[count][taps]` weights' gradients. */
export function weightTransform(
  sums: Values,
  count: number,
  taps: number,
  before: Values | undefined,
): Float64Array {
  // As many outputs as there are taps.
  const { A } = along[points + 1 - taps]!;
  return tensor([count, taps], (i, j) => {
    const values = range(points).map((p) => sums[p * count + i!]!);
    return (before?.[i! * taps + j!] ?? 0) + times(A, values)[j!]!;
  });
}

/** before + the gradient of a correlation's weights by its definition. */
export function correlationGradient(
  x: Values,
  dy: Values,
  size: Size,
  before: Values | undefined,
): Float64Array {
  const { channels, height, width, top, left, outputs, rows, columns, kernelHeight, taps } = size;
  const shape = [outputs, channels, kernelHeight, taps];
  return tensor(shape, (o, c, i, j) => {
    const products = sum(rows, (r) =>
      sum(columns, (k) => {
        const [row, column] = [r + i! - top, k + j! - left];
        if (row < 0 || row >= height || column < 0 || column >= width) return 0;
        const from = place([channels, height, width, lanes], c!, row, column, 0);
        const by = place([outputs, rows, columns, lanes], o!, r, k, 0);
        return sum(lanes, (lane) => x[from + lane]! * dy[by + lane]!);
      }),
    );
    return (before?.[place(shape, o!, c!, i!, j!)] ?? 0) + products;
  });
}
