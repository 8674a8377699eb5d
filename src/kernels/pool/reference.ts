import { silu, siluSlope } from '../activation/reference.js';
import { type BorderGeometry, lanes, type PoolGeometry } from '../kernels.js';
import { place, range, sum, tensor } from '../plain.js';

type Values = ArrayLike<number>;

export interface Pool {
  readonly channels: number;
  readonly geometry: PoolGeometry;
  /** Of the pool's own padding; none if left out. */
  readonly padding?: BorderGeometry;
}

/** The inputs of an output's window, in order: their places in a plane, by what lies inside of it. */
function windowOf(
  [height, width, wh, ww, sh, sw]: PoolGeometry,
  row: number,
  column: number,
  border: BorderGeometry = [0, 0],
) {
  const inside = (y: number, x: number) => y >= 0 && y < height && x >= 0 && x < width;
  return range(wh).flatMap((i) =>
    range(ww).flatMap((j) => {
      const [y, x] = [row * sh + i - border[0], column * sw + j - border[1]];
      return inside(y, x) ? [{ y, x, index: i * ww + j, at: y * width + x }] : [];
    }),
  );
}

const outputsOf = ({ channels, geometry }: Pool) => [channels, geometry[6], geometry[7], lanes];
const inputsOf = ({ channels, geometry }: Pool) => [channels, geometry[0] * geometry[1], lanes];

/** An output's argmax: the first of the highest (sign 1) or lowest (-1) inputs of its window. */
function argmaxOf(x: Values, pool: Pool, [c, r, s, lane]: number[], sign: 1 | -1, border?: BorderGeometry) {
  const value = (at: number) => x[place(inputsOf(pool), c!, at, lane!)]!;
  return windowOf(pool.geometry, r!, s!, border)
    .map((input) => ({ ...input, value: value(input.at) }))
    .reduce((best, input) => (sign * input.value > sign * best.value ? input : best));
}

export const maxPool = (x: Values, pool: Pool) => ({
  y: tensor(outputsOf(pool), (...index) => argmaxOf(x, pool, index, 1, pool.padding).value),
  argmaxes: tensor(outputsOf(pool), (...index) => argmaxOf(x, pool, index, 1, pool.padding).index),
});

/** dx[i] = sum of `share` of dy over the outputs whose window has i. */
function spread(pool: Pool, share: (output: number, index: number) => number): Float64Array {
  const dx = tensor(inputsOf(pool), () => 0);
  tensor(outputsOf(pool), (...output) => {
    for (const { at, index } of windowOf(pool.geometry, output[1]!, output[2]!, pool.padding)) {
      dx[place(inputsOf(pool), output[0]!, at, output[3]!)]! += share(
        place(outputsOf(pool), ...output),
        index,
      );
    }
    return 0;
  });
  return dx;
}

export const maxPoolBackward = (dy: Values, argmaxes: Values, pool: Pool) =>
  spread(pool, (output, index) => (argmaxes[output] === index ? dy[output]! : 0));

export const averagePool = (x: Values, pool: Pool) =>
  tensor(outputsOf(pool), (c, r, s, lane) => {
    const inputs = windowOf(pool.geometry, r!, s!, pool.padding);
    const size = pool.geometry[2] * pool.geometry[3];
    return sum(inputs.length, (i) => x[place(inputsOf(pool), c!, inputs[i]!.at, lane!)]!) / size;
  });

export const averagePoolBackward = (dy: Values, pool: Pool) =>
  spread(pool, (output) => dy[output]! / (pool.geometry[2] * pool.geometry[3]));

/** Each window's highest (sign 1) or lowest (-1) input inside the picture, and its place. */
export const extremes = (
  x: Values,
  pool: Pool,
  border: BorderGeometry,
  [placeRow, placeColumn, placeLane]: readonly [number, number, number],
  sign: 1 | -1,
) => ({
  values: tensor(outputsOf(pool), (...index) => argmaxOf(x, pool, index, sign, border).value),
  places: tensor(outputsOf(pool), (...index) => {
    const { y, x: column } = argmaxOf(x, pool, index, sign, border);
    return index[3]! * placeLane + y * placeRow + column * placeColumn;
  }),
});

/** Gradients at their argmaxes' places, the rest 0. */
export function spreadToArgmaxes(
  dz: Values,
  argmaxes: Values,
  { channels, geometry }: Pool,
  places: readonly [number, number, number],
) {
  const [height, width, , , , , rows, columns] = geometry;
  const found = new Float64Array(channels * height * width * lanes);
  for (let i = 0; i < channels * rows * columns * lanes; i++) {
    const [channel, lane] = [Math.floor(i / (rows * columns * lanes)), i % lanes];
    const offset = argmaxes[i]! - lane * places[2];
    const [row, column] = [Math.floor(offset / places[0]), (offset % places[0]) / places[1]];
    found[place([channels, height, width, lanes], channel, row, column, lane)]! += dz[i]!;
  }
  return found;
}

/** What a window's lowest input changes where its SiLU is above that of the highest, `y`. */
export const siluOfLow = (low: Values, y: Values, slope: Values, places: Values, lowPlaces: Values) => {
  const wins = (i: number) => silu(low[i]!) > y[i]!;
  const all = range(y.length);
  return {
    y: all.map((i) => Math.max(y[i]!, silu(low[i]!))),
    slope: all.map((i) => (wins(i) ? siluSlope(low[i]!) : slope[i]!)),
    places: all.map((i) => (wins(i) ? lowPlaces[i]! : places[i]!)),
  };
};

/** y and its slope where a zero of the border takes part: max(y, 0), and no slope where y was below. */
export const borderMet = (y: Values, slope: Values, pool: Pool, border: BorderGeometry) => {
  const cut = ([, r, s]: number[]) =>
    windowOf(pool.geometry, r!, s!, border).length < pool.geometry[2] * pool.geometry[3];
  const changed = (values: Values) =>
    tensor(outputsOf(pool), (...index) => {
      const i = place(outputsOf(pool), ...index);
      return cut(index) && y[i]! < 0 ? 0 : values[i]!;
    });
  return { y: changed(y), slope: changed(slope) };
};

/** Bytes of a list of the argmaxes of `columns` windows: a pair of words each, and two more that may be written over. */
export const listBytes = (columns: number) => columns * lanes * 8 + 16;

/** The argmaxes of a row of windows and output that have a gradient, or all: where each lies, and its gradient. */
export type ArgmaxList = readonly { readonly argmax: number; readonly gradient: number }[];

/** The lists of `[rows][outputs]`; without the argmaxes that have no gradient if `skip`. */
export function argmaxLists(
  dz: Values,
  argmaxes: Values,
  [outputs, rows, columns]: readonly [number, number, number],
  skip: boolean,
): ArgmaxList[] {
  return range(rows).flatMap((r) =>
    range(outputs).map((o) =>
      range(columns * lanes)
        .map((i) => place([outputs, rows, columns * lanes], o, r, i))
        .filter((i) => !skip || dz[i] !== 0)
        .map((i) => ({ argmax: argmaxes[i]!, gradient: dz[i]! })),
    ),
  );
}

interface Patches {
  readonly outputs: number;
  readonly kernelHeight: number;
  readonly patchVectors: number;
}

/** patches[o][i][v] = sum over the argmaxes of dz[o] * x[argmax + row i + v]. */
export function patchGradient(
  x: Values,
  row: number,
  lists: readonly ArgmaxList[],
  { outputs, kernelHeight, patchVectors }: Patches,
): Float64Array {
  return tensor([outputs, kernelHeight, patchVectors * 4], (o, i, v) => {
    const own = lists.filter((_, list) => list % outputs === o).flat();
    return sum(own.length, (w) => own[w]!.gradient * x[(own[w]!.argmax + i! * row) / 4 + v!]!);
  });
}

/** dx[argmax + row i + v] = sum of dz[o] * w[o][i][v]. */
export function patchInputGradient(
  w: Values,
  row: number,
  lists: readonly ArgmaxList[],
  { outputs, kernelHeight, patchVectors }: Patches,
  length: number,
): Float64Array {
  const dx = new Float64Array(length);
  lists.forEach((list, l) => {
    const shape = [outputs, kernelHeight, patchVectors * 4];
    for (const { argmax, gradient } of list) {
      tensor(shape.slice(1), (i, v) => {
        const to = (argmax + i! * row) / 4 + v!;
        if (to < length) dx[to]! += gradient * w[place(shape, l % outputs, i!, v!)]!;
        return 0;
      });
    }
  });
  return dx;
}

interface Kernel {
  readonly outputs: number;
  readonly channels: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly patchVectors: number;
}

const shapeOf = ({ outputs, channels, kernelHeight, kernelWidth }: Kernel) => [
  outputs,
  channels,
  kernelHeight,
  kernelWidth,
];

/** Weights to patches, `[outputs][kernelHeight][kernelWidth][channels]` filled up to whole vectors with zeros. */
export const patchesOf = (w: Values, kernel: Kernel) =>
  tensor([kernel.outputs, kernel.kernelHeight, kernel.patchVectors * 4], (o, i, v) => {
    const [j, c] = [Math.floor(v! / kernel.channels), v! % kernel.channels];
    return j < kernel.kernelWidth ? w[place(shapeOf(kernel), o!, c, i!, j)]! : 0;
  });

/** Patches to weights, added to `before`. */
export const weightsOf = (patches: Values, kernel: Kernel, before: Values | undefined) =>
  tensor(shapeOf(kernel), (o, c, i, j) => {
    const shape = [kernel.outputs, kernel.kernelHeight, kernel.patchVectors * 4];
    const value = patches[place(shape, o!, i!, j! * kernel.channels + c!)]!;
    return (before?.[place(shapeOf(kernel), o!, c!, i!, j!)] ?? 0) + value;
  });
