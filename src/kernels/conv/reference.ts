import { blocks } from '../gemm/reference.js';
import { lanes } from '../kernels.js';
import { place, range, sum, tensor } from '../plain.js';

type Values = ArrayLike<number>;

/** dw[o][t] = before + sum over positions and samples of dy[o][position] * x[position][table[t]]; strides and table in bytes. */
export function weightGradient(
  dy: Values,
  x: Values,
  [xRow, xColumn]: readonly [number, number],
  table: Values,
  before: Values | undefined,
  [outputs, rows, columns]: readonly [number, number, number],
): Float64Array {
  const shape = [outputs, table.length];
  return tensor(shape, (o, t) => {
    const products = sum(rows, (r) =>
      sum(columns, (c) =>
        sum(lanes, (lane) => {
          const from = (r * xRow + c * xColumn + table[t!]!) / 4 + lane;
          return dy[place([outputs, rows, columns, lanes], o!, r, c, lane)]! * x[from]!;
        }),
      ),
    );
    return (before?.[place(shape, o!, t!)] ?? 0) + products;
  });
}

/** db[o] = before + sum over positions and samples of dy[o][position]. */
export const biasGradient = (dy: Values, before: Values | undefined, outputs: number, positions: number) =>
  tensor(
    [outputs],
    (o) => (before?.[o!] ?? 0) + sum(positions * lanes, (i) => dy[o! * positions * lanes + i]!),
  );

export interface InputGradient {
  readonly outputs: number;
  readonly rows: number;
  readonly columns: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly stride: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
}

/** dx[c][y][x] = sum of w[o][c][i][j] * dy[o][(y + top - i) / stride][(x + left - j) / stride], over the i, j, o whose dy exists. */
export function inputGradient(dy: Values, w: Values, size: InputGradient): Float64Array {
  const { outputs, rows, columns, kernelHeight, kernelWidth, stride, channels, height, width, top, left } =
    size;
  return tensor([channels, height, width, lanes], (c, y, x, lane) =>
    sum(kernelHeight, (i) =>
      sum(kernelWidth, (j) => {
        const [r, s] = [(y! + top - i) / stride, (x! + left - j) / stride];
        const exists =
          Number.isInteger(r) && Number.isInteger(s) && r >= 0 && s >= 0 && r < rows && s < columns;
        if (!exists) return 0;
        return sum(
          outputs,
          (o) =>
            w[place([outputs, channels, kernelHeight, kernelWidth], o, c!, i, j)]! *
            dy[place([outputs, rows, columns, lanes], o, r, s, lane!)]!,
        );
      }),
    ),
  );
}

/**
 * Where each number of the panels lies in the weights: a block of channels after the other, each
 * `[kernel row][kernel column, by remainder, then quotient][output][channel]`.
 */
export function inputPanelSources(size: InputGradient): number[] {
  const { outputs, kernelHeight, kernelWidth, stride, channels } = size;
  const columns = range(stride).flatMap((remainder) =>
    range(kernelWidth).filter((j) => j % stride === remainder),
  );
  return blocks(channels).flatMap(([first, count]) =>
    range(kernelHeight).flatMap((i) =>
      columns.flatMap((j) =>
        range(outputs).flatMap((o) =>
          range(count).map((k) => place([outputs, channels, kernelHeight, kernelWidth], o, first + k, i, j)),
        ),
      ),
    ),
  );
}

/** Sizes of a depthwise convolution, and the plane of inputs that each plane of outputs sees: `planes / multiplier` of them. */
export interface Depthwise {
  readonly planes: number;
  readonly multiplier: number;
  readonly height: number;
  readonly width: number;
  readonly rows: number;
  readonly columns: number;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: readonly [height: number, width: number];
  readonly dilation: readonly [height: number, width: number];
  readonly top: number;
  readonly left: number;
}

const outputsOf = ({ planes, rows, columns }: Depthwise) => [planes, rows, columns, lanes];
const kernelsOf = ({ planes, kernel }: Depthwise) => [planes, ...kernel];
export const depthwiseInputs = ({ planes, multiplier, height, width }: Depthwise) => [
  planes / multiplier,
  height,
  width,
  lanes,
];

/** Calls `visit` with where y, w and x of every product lie. */
function products(size: Depthwise, visit: (y: number, w: number, x: number) => void): void {
  const { multiplier, height, width, kernel, stride, dilation, top, left } = size;
  tensor([...outputsOf(size), ...kernel], (p, r, s, lane, i, j) => {
    const row = r! * stride[0] + i! * dilation[0] - top;
    const column = s! * stride[1] + j! * dilation[1] - left;
    if (row < 0 || row >= height || column < 0 || column >= width) return 0;
    visit(
      place(outputsOf(size), p!, r!, s!, lane!),
      place(kernelsOf(size), p!, i!, j!),
      place(depthwiseInputs(size), Math.floor(p! / multiplier), row, column, lane!),
    );
    return 0;
  });
}

/** y[p] = before + sum of w[p][i][j] * x[p / multiplier][row * stride + i * dilation - top][...]. */
export function depthwiseSums(x: Values, w: Values, before: Float64Array, size: Depthwise): Float64Array {
  const y = before.slice();
  products(size, (to, tap, from) => {
    y[to]! += w[tap]! * x[from]!;
  });
  return y;
}

export function depthwiseInputGradient(
  dy: Values,
  w: Values,
  before: Float64Array,
  size: Depthwise,
): Float64Array {
  const dx = before.slice();
  products(size, (from, tap, to) => {
    dx[to]! += w[tap]! * dy[from]!;
  });
  return dx;
}

export function depthwiseWeightGradient(
  dy: Values,
  x: Values,
  before: Float64Array,
  size: Depthwise,
): Float64Array {
  const dw = before.slice();
  products(size, (from, tap, at) => {
    dw[tap]! += dy[from]! * x[at]!;
  });
  return dw;
}
