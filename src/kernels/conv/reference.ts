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
