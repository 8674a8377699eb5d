import { lanes } from '../kernels.js';
import { place, range, sum, tensor } from '../plain.js';

type Values = ArrayLike<number>;

/** Blocks of outputs as kernels take them: [first output, width]. */
export function blocks(outputs: number): [first: number, width: number][] {
  const found: [number, number][] = [];
  for (let first = 0; first < outputs; ) {
    const left = outputs - first;
    const width = left === 5 || left === 6 ? 3 : Math.min(left, 4);
    found.push([first, width]);
    first += width;
  }
  return found;
}

/** Where panels have the weight of a term and output: panels of a block of outputs each, `[terms][output of the block]`. */
export function panelPlace(outputs: number, terms: number): (t: number, o: number) => number {
  const places = blocks(outputs).flatMap(([first, width]) =>
    range(width).map((k) => ({ first: first * terms + k, width })),
  );
  return (t, o) => places[o]!.first + t * places[o]!.width;
}

/** Weights `weight(term, output)` in panels. */
export function panels(
  outputs: number,
  terms: number,
  weight: (t: number, o: number) => number,
): Float64Array {
  const packed = new Float64Array(outputs * terms);
  const place = panelPlace(outputs, terms);
  for (let o = 0; o < outputs; o++) for (let t = 0; t < terms; t++) packed[place(t, o)] = weight(t, o);
  return packed;
}

/** y[o][row][column] = bias[o] + sum over t of weight(t, o) * x[row * xRow + column * xColumn + table[t]]; strides and table in bytes. */
export function weightedSums(
  x: Values,
  [xRow, xColumn]: readonly [number, number],
  table: Values,
  weight: (t: number, o: number) => number,
  bias: Values | undefined,
  [outputs, rows, columns]: readonly [number, number, number],
): Float64Array {
  return tensor([outputs, rows, columns, lanes], (o, r, c, lane) => {
    const first = (r! * xRow + c! * xColumn) / 4 + lane!;
    const products = sum(table.length, (t) => weight(t, o!) * x[first + table[t]! / 4]!);
    return (bias?.[o!] ?? 0) + products;
  });
}

/** y[o] = bias[o] + sum over i of w[o][i] * x[i]. */
export const denseForward = (
  x: Values,
  w: Values,
  bias: Values | undefined,
  inputs: number,
  outputs: number,
) =>
  tensor(
    [outputs, lanes],
    (o, lane) => sum(inputs, (i) => w[o! * inputs + i]! * x[i * lanes + lane!]!) + (bias?.[o!] ?? 0),
  );

/** dw[o][i] = before + sum over samples of dy[o] * x[i]; `xt` are the inputs sample by sample, rows `row` values apart. */
export const denseWeightGradient = (
  dy: Values,
  xt: Values,
  row: number,
  before: Values | undefined,
  outputs: number,
  inputs: number,
) =>
  tensor([outputs, inputs], (o, i) => {
    const products = sum(lanes, (lane) => dy[o! * lanes + lane]! * xt[lane * row + i!]!);
    return (before?.[place([outputs, inputs], o!, i!)] ?? 0) + products;
  });
