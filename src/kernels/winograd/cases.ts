import { at, type Checks, type MakeCase } from '../case.js';
import { panels } from '../gemm/reference.js';
import { groupBytes, lanes } from '../kernels.js';
import { place, range } from '../plain.js';
import {
  correlation,
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

/** Transforms lose some digits: they add and take off what is up to 20 times as large as the result. */
const tolerance = 2e-5;

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

/** The panels of all 4 * 6 points, over inputs; planes `plane` bytes apart. */
function gridPanels(weight: ReturnType<typeof weightsOf>, size: Size, plane: number): number[] {
  const { channels, outputs, taps } = size;
  const transforms = range(channels).map((c) =>
    range(outputs).map((o) => gridTransform(range(3).map((i) => range(taps).map((j) => weight(o, c, i, j))))),
  );
  return range(4 * points).flatMap((p) => {
    const packed = panels(outputs, channels, (c, o) => transforms[c]![o]![p]!);
    return [...packed, ...range(plane / 4 - packed.length).map(() => 0)];
  });
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
  const { channels, outputs, taps } = size;
  const { first, steps } = stepsOf(size, turned);
  const plane = outputs * channels * 4 + 64;
  return (m) => {
    const w = m.floats(outputs * channels * 3 * taps);
    const packed = m.zeros((4 * points * plane) / 4);
    return {
      run: (k) => k.packWinogradGrid(at(w) + first, ...steps, outputs, channels, taps, at(packed), plane),
      outputs: [packed],
      expected: () => [gridPanels(weightsOf(w, size, turned), size, plane)],
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
  (size: Size, joined: 0 | 1): MakeCase =>
  (m) => {
    const { channels, height, width, top, left, outputs, rows, columns, taps } = size;
    const [step, tiles] = [stepOf(size), tilesOf(size)];
    const plane = outputs * channels * 4 + 64;
    const [x, w] = [m.floats(channels * height * width * lanes), m.floats(outputs * channels * 3 * taps)];
    const [bias, packed] = [m.floats(outputs), m.floats((4 * points * plane) / 4)];
    packed.set(gridPanels(weightsOf(w, size, false), size, plane));
    const table = m.words(range(channels).map((c) => c * tiles * groupBytes));
    const scratch = [
      m.zeros(5 * (left + width + step + points) * lanes),
      m.zeros(4 * points * channels * tiles * lanes),
      m.zeros(4 * points * outputs * tiles * lanes),
    ] as const;
    const y = m.zeros(outputs * rows * columns * lanes);
    const from = [at(x), channels, height, width, top, left, at(table), at(packed), at(bias)] as const;
    const [lines, v, sums] = scratch;
    const to = [at(lines), at(v), at(sums), at(y), outputs, rows, columns, step, tiles, plane] as const;
    return {
      run: (k) => k.winogradGrid(...from, ...to, joined),
      outputs: [y],
      scratch,
      expected: () => [correlation(x, w, bias, size)],
      tolerance,
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
    answer: '3da5f6d5',
    cases: sizes.flatMap((size) => [packGrid(size, false), packGrid(size, true)]),
  },
  winogradGrid: {
    answer: '7b3d5563',
    cases: sizes.map((size) => grid(size, size.taps % 2 === 0 ? 1 : 0)),
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
