import { at, type Checks, type MakeCase } from '../case.js';
import { panels } from '../gemm/reference.js';
import { groupBytes, lanes } from '../kernels.js';
import { place, range } from '../plain.js';
import {
  correlation,
  correlationGradient,
  gradientTransform,
  gridTransform,
  inputTransform,
  points,
  type Size,
  stepOf,
  sums,
  tapTransform,
  tilesOf,
  weightTransform,
} from './reference.js';

const flags = [0, 1] as const;

/** Kernels of 3 rows and 2 to 5 columns, over 2 pictures of 3 x 13, padded by 1. */
const sizes: readonly Size[] = [2, 3, 4, 5].map((taps) => ({
  channels: 2,
  height: 3,
  width: 13,
  top: 1,
  left: 1,
  outputs: 3,
  rows: 3,
  columns: 13 + 2 - taps + 1,
  kernelHeight: 3,
  taps,
}));

/** 3 x 3 kernels: odd sizes, padding of 0 to 2, and counts that fill no block; with rows of tiles at a time. */
const gridSizes: readonly (Size & { readonly stripRows: number })[] = (
  [
    [2, 3, 13, 1, 1, 3, 1],
    [5, 9, 6, 0, 0, 6, 1],
    [9, 6, 5, 2, 2, 9, 1],
    [4, 12, 4, 1, 0, 17, 2],
    [1, 1, 1, 2, 2, 1, 1],
    [131, 1, 1, 2, 2, 2, 1],
  ] as const
).map(([channels, height, width, top, left, outputs, stripRows]) => ({
  ...{ channels, height, width, top, left, outputs, stripRows },
  rows: height + 2 * top - 2,
  columns: width + 2 * left - 2,
  kernelHeight: 3,
  taps: 3,
}));

/** Transforms lose some digits: they add and take off what is up to 20 times as large as the result. */
const tolerance = 2e-5;
const gridTolerance = 5e-6;

/** Floats of 36 planes of a grid's transform. */
const gridPlanes = (values: number) => 36 * (values + 16);

/** From one output, input, row and tap to the next, in bytes: of a convolution, and of its input gradient, which turns the kernels around. */
function stepsOf(
  { channels, outputs, kernelHeight, taps }: Size,
  turned: boolean,
): { first: number; steps: readonly [output: number, input: number, row: number, tap: number] } {
  const row = taps * 4;
  const input = kernelHeight * row;
  return turned
    ? { first: input - 4, steps: [input, outputs * input, -row, -4] }
    : { first: 0, steps: [channels * input, input, row, 4] };
}

/** Weights, and one of them by (output, input, row, tap). */
const weightsOf = (w: Float32Array, size: Size, turned: boolean) => {
  const { first, steps } = stepsOf(size, turned);
  return (o: number, c: number, i: number, j: number) =>
    w[(first + o * steps[0] + c * steps[1] + i * steps[2] + j * steps[3]) / 4]!;
};

/** The panels of all points, along the rows: `[point]` panels over inputs and kernel rows. */
function rowPanels(weight: ReturnType<typeof weightsOf>, size: Size): number[] {
  const { channels, outputs, kernelHeight, taps } = size;
  const terms = range(channels * kernelHeight).map((t) => [Math.floor(t / kernelHeight), t % kernelHeight]);
  const transforms = terms.map(([c, i]) =>
    range(outputs).map((o) => tapTransform(range(taps).map((j) => weight(o, c!, i!, j)))),
  );
  return range(points).flatMap((p) => [...panels(outputs, terms.length, (t, o) => transforms[t]![o]![p]!)]);
}

/** The panels of all 36 points, over 128 inputs each; nothing is said of the 16 floats between two points. */
function gridPanels(weight: ReturnType<typeof weightsOf>, { channels, outputs }: Size): number[] {
  const transforms = range(channels).map((c) =>
    range(outputs).map((o) => gridTransform(range(3).map((i) => range(3).map((j) => weight(o, c, i, j))))),
  );
  return range(36).flatMap((p) => [
    ...range(Math.ceil(channels / 128)).flatMap((block) => [
      ...panels(
        outputs,
        Math.min(128, channels - block * 128),
        (c, o) => transforms[block * 128 + c]![o]![p]!,
      ),
    ]),
    ...range(16).map(() => Number.NaN),
  ]);
}

const pack = (size: Size, turned: boolean): MakeCase => {
  const { channels, outputs, kernelHeight, taps } = size;
  const { first, steps } = stepsOf(size, turned);
  return (m) => {
    const w = m.floats(outputs * channels * kernelHeight * taps);
    const packed = m.zeros(points * outputs * channels * kernelHeight);
    return {
      run: (k) => k.packWinograd(at(w) + first, ...steps, outputs, channels, kernelHeight, taps, at(packed)),
      outputs: [packed],
      expected: () => [rowPanels(weightsOf(w, size, turned), size)],
    };
  };
};

const packGrid = (size: Size, turned: boolean): MakeCase => {
  const { channels, outputs } = size;
  const { first, steps } = stepsOf(size, turned);
  return (m) => {
    const w = m.floats(outputs * channels * 9);
    const packed = m.zeros(gridPlanes(outputs * channels));
    const plane = outputs * channels * 4 + 64;
    return {
      run: (k) => k.packWinogradGrid(at(w) + first, ...steps, outputs, channels, at(packed), plane),
      outputs: [packed],
      expected: () => [gridPanels(weightsOf(w, size, turned), size)],
    };
  };
};

/** A transform with the picture's padding above and below, and weights, both any. */
const product =
  (size: Size, joined: 0 | 1): MakeCase =>
  (m) => {
    const { channels, height, outputs, rows, columns, kernelHeight } = size;
    const [tiles, terms] = [tilesOf(size), channels * kernelHeight];
    const channel = (height + 2) * tiles * groupBytes;
    const [v, packed, bias] = [
      m.floats((points * channels * channel) / 4),
      m.floats(points * outputs * terms),
      m.floats(outputs),
    ];
    const table = range(terms).map(
      (t) => Math.floor(t / kernelHeight) * channel + (t % kernelHeight) * tiles * groupBytes,
    );
    const [offsets, scratch] = [m.words(table), m.zeros(points * outputs * tiles * lanes)];
    const y = m.zeros(outputs * rows * columns * lanes);
    const from = [at(v), channels * channel, at(offsets), terms, at(packed), at(bias), at(scratch)] as const;
    // One block of 3 outputs: `[point][term][output]`.
    const weight = (p: number, t: number, o: number) => packed[place([points, terms, outputs], p, t, o)]!;
    return {
      run: (k) => k.winogradSums(...from, at(y), outputs, rows, columns, stepOf(size), tiles, joined),
      outputs: [y],
      scratch: [scratch],
      expected: () => [sums(v, channels * channel, table, weight, bias, size)],
      tolerance,
    };
  };

const grid =
  (size: (typeof gridSizes)[number], joined: 0 | 1, hasBias: boolean): MakeCase =>
  (m) => {
    const { channels, height, width, top, left, outputs, rows, columns, stripRows } = size;
    const [x, w] = [m.floats(channels * height * width * lanes), m.floats(outputs * channels * 9)];
    const bias = hasBias ? m.floats(outputs) : undefined;
    const packed = m.floats(gridPlanes(outputs * channels));
    packed.set(gridPanels(weightsOf(w, size, false), size));
    const tiles = stripRows * Math.ceil(columns / 4);
    const table = m.words(range(channels).map((c) => c * tiles * groupBytes));
    const scratch = [
      m.zeros(7 * (left + width + 6) * lanes),
      m.zeros(gridPlanes(channels * tiles * lanes)),
      m.zeros(gridPlanes(outputs * tiles * lanes)),
      m.zeros(24 * lanes),
    ] as const;
    const y = m.zeros(outputs * rows * columns * lanes);
    const [lines, v, sums, half] = scratch;
    const weights = [at(table), at(packed), outputs * channels * 4 + 64, at(bias)] as const;
    const to = [at(lines), at(v), at(sums), at(half), at(y), outputs, rows, columns, stripRows] as const;
    return {
      run: (k) => k.winogradGrid(at(x), channels, height, width, top, left, ...weights, ...to, joined),
      outputs: [y],
      scratch,
      expected: () => [correlation(x, w, bias ?? new Float32Array(outputs), size)],
      tolerance: gridTolerance,
    };
  };

const gridGradient =
  (size: (typeof gridSizes)[number], joined: 0 | 1, accumulate: 0 | 1): MakeCase =>
  (m) => {
    const { channels, height, width, top, left, outputs, rows, columns, stripRows } = size;
    const block = 8;
    const terms = stripRows * Math.ceil(columns / 4) * lanes;
    const groupsOf = (count: number) => Math.ceil(count / 8);
    const [x, dy] = [m.floats(channels * height * width * lanes), m.floats(outputs * rows * columns * lanes)];
    const dw = m.floats(outputs * channels * 9);
    const before = accumulate ? dw.slice() : undefined;
    const table = m.words(range(terms).map((t) => t * groupBytes));
    const blocks = stripRows * 4 < rows ? groupsOf(channels) * groupsOf(outputs) : 1;
    const scratch = [
      m.zeros((6 * (left + width + 6) + 60) * lanes * lanes + lanes),
      m.zeros(gridPlanes(groupsOf(channels) * terms * lanes)),
      m.zeros(gridPlanes(groupsOf(outputs) * terms * lanes)),
      m.zeros(blocks * gridPlanes(block * block)),
      m.zeros(27 * 4),
    ] as const;
    const [lines, v, d, sums, half] = scratch;
    const from = [at(x), channels, height, width, top, left, at(dy), outputs, rows, columns] as const;
    const to = [at(table), at(lines), at(v), at(d), at(sums), at(half), at(dw), stripRows, block] as const;
    return {
      run: (k) => k.winogradGridGradient(...from, ...to, accumulate, joined),
      outputs: [dw],
      scratch,
      expected: () => [correlationGradient(x, dy, size, before)],
      tolerance: gridTolerance,
    };
  };

export const winogradChecks = {
  winogradInput: {
    answer: '03ab6673',
    cases: sizes.map((size) => (m) => {
      const { channels, height, width, left } = size;
      const tiles = tilesOf(size);
      const channel = height * tiles * groupBytes;
      const [x, v] = [
        m.floats(channels * height * width * lanes),
        m.zeros((points * channels * channel) / 4),
      ];
      const from = [at(x), channels, height, width, left, stepOf(size), tiles] as const;
      return {
        run: (k) => k.winogradInput(...from, at(v), channel, channels * channel),
        outputs: [v],
        expected: () => [inputTransform(x, size)],
      };
    }),
  },
  packWinograd: { answer: '69e60ced', cases: sizes.flatMap((size) => [pack(size, false), pack(size, true)]) },
  winogradSums: {
    answer: '670ecca6',
    cases: sizes.flatMap((size) => flags.map((joined) => product(size, joined))),
  },
  packWinogradGrid: {
    answer: 'd62b96bf',
    cases: gridSizes.flatMap((size) => [packGrid(size, false), packGrid(size, true)]),
  },
  winogradGrid: {
    answer: '30b96489',
    cases: gridSizes.flatMap((size) => [grid(size, 0, true), grid(size, 1, false)]),
  },
  winogradGridGradient: {
    answer: 'd5139b5f',
    cases: gridSizes.flatMap((size) => [gridGradient(size, 0, 0), gridGradient(size, 1, 1)]),
  },
  winogradGradient: {
    answer: '59e3913e',
    cases: sizes.map((size) => (m) => {
      const [lines, tiles] = [4, tilesOf(size)];
      const [dy, to] = [m.floats(lines * size.columns * lanes), m.zeros(points * lines * tiles * lanes)];
      const plane = lines * tiles * groupBytes;
      return {
        run: (k) => k.winogradGradient(at(dy), lines, size.columns, stepOf(size), at(to), plane),
        outputs: [to],
        expected: () => [gradientTransform(dy, lines, size)],
      };
    }),
  },
  unpackWinograd: {
    answer: 'e90ae0c1',
    cases: sizes.flatMap(({ taps }) =>
      flags.map(
        (accumulate): MakeCase =>
          (m) => {
            const [values, dw] = [m.floats(points * 5), m.floats(5 * taps)];
            return {
              run: (k) => k.unpackWinograd(at(values), 5, taps, at(dw), accumulate),
              outputs: [dw],
              expected: () => [weightTransform(values, 5, taps, accumulate ? dw : undefined)],
            };
          },
      ),
    ),
  },
} satisfies Checks;
