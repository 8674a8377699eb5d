import { at, type Checks, type MakeCase } from '../case.js';
import { panelPlace, weightedSums } from '../gemm/reference.js';
import { groupBytes, lanes, termsOfBlock } from '../kernels.js';
import { range } from '../plain.js';
import { depthwiseChecks } from './depthwise-cases.js';
import {
  biasGradient,
  type InputGradient,
  inputGradient,
  inputPanelSources,
  weightGradient,
} from './reference.js';

type Pair = readonly [number, number];

const flags = [0, 1] as const;
/** Outputs, or channels, that make blocks of every width. */
const widths = [1, 2, 3, 4, 5, 8];

/** 3 x 3 kernels over 2 pictures of 6 x 6, without the last term or two. */
const side = 6;
const rows = side - 2;
const pictures = [rows, rows] as const;
/** Positions of two blocks of a long sum: in rows, several to a block, and in one row; from inputs that are there again and again. */
const longPictures = [
  [13, 20],
  [1, termsOfBlock + 3],
] as const;
const tableOf = (terms: number) =>
  range(terms).map((t) => {
    const [c, i, j] = [Math.floor(t / 9), Math.floor(t / 3) % 3, t % 3];
    return ((c * side + i) * side + j) * groupBytes;
  });

const weights =
  (outputs: number, terms: number, [rows, columns]: Pair, accumulate: 0 | 1, joined: 0 | 1): MakeCase =>
  (m) => {
    const inputs = 2 * side * side + (rows * columns > termsOfBlock ? rows * columns : 0);
    const [dy, x] = [m.floats(outputs * rows * columns * lanes), m.floats(inputs * lanes)];
    const [table, dw, sums] = [m.words(tableOf(terms)), m.floats(outputs * terms), m.zeros(64)];
    const strides = [side * groupBytes, groupBytes] as const;
    const from = [at(dy), at(x), ...strides, at(table), terms] as const;
    return {
      run: (k) => k.convWeightGradient(...from, at(dw), outputs, rows, columns, accumulate, at(sums), joined),
      outputs: [dw],
      scratch: [sums],
      expected: () => [
        weightGradient(dy, x, strides, table, accumulate ? dw : undefined, [outputs, rows, columns]),
      ],
    };
  };

/** 2 x 3 kernels over pictures of 7 x 7, padded by 1. Of 50 outputs, a block of a long sum is one kernel row; of 100, a part of one. */
const sizesOf = (outputs: number): readonly InputGradient[] =>
  [1, 2, 3, 4, 5].flatMap((channels) =>
    [1, 2].map((stride) => ({
      outputs,
      rows: Math.floor(7 / stride) + 1,
      columns: Math.floor(6 / stride) + 1,
      kernelHeight: 2,
      kernelWidth: 3,
      stride,
      channels,
      height: 7,
      width: 7,
      top: 1,
      left: 1,
    })),
  );

/** 1 x 1 kernels over planes of `height` x 7, in tiles of 3. */
const pointwise =
  (outputs: number, [channels, height]: Pair, stride: 1 | 2, hasBias: boolean, joined: 0 | 1): MakeCase =>
  (m) => {
    const [width, tileColumns] = [7, 3];
    const size = [outputs, Math.ceil(height / stride), Math.ceil(width / stride)] as const;
    const [x, packed] = [m.floats(channels * height * width * lanes), m.floats(outputs * channels)];
    const bias = hasBias ? m.floats(outputs) : undefined;
    const table = m.words(range(channels).map((c) => c * tileColumns * groupBytes));
    const [y, tile] = [
      m.zeros(size.reduce((a, b) => a * b) * lanes),
      m.zeros(channels * tileColumns * lanes),
    ];
    const plane = height * width * groupBytes;
    const strides = [width * stride * groupBytes, stride * groupBytes] as const;
    return {
      run: (k) =>
        k.pointwiseSums(
          ...([at(x), plane, ...strides, channels, at(packed), bias ? at(bias) : 0, at(y)] as const),
          ...size,
          ...([at(table), at(tile), tileColumns, joined] as const),
        ),
      outputs: [y],
      scratch: [tile],
      expected: () => {
        const place = panelPlace(outputs, channels);
        const planes = range(channels).map((c) => c * plane);
        return [weightedSums(x, strides, planes, (c, o) => packed[place(c, o)]!, bias, size)];
      },
    };
  };

const sizes = sizesOf(3);
const longSizes = [...sizesOf(50), ...sizesOf(100)].filter(
  ({ channels, stride }) => channels > 3 && stride === 1,
);

export const convChecks = {
  pointwiseSums: {
    answer: 'fc20236f',
    cases: widths.flatMap((outputs) => [
      pointwise(outputs, [3, 5], 1, true, 0),
      pointwise(outputs, [3, 5], 2, false, 1),
      pointwise(outputs, [termsOfBlock + 3, 1], 2, true, 1),
    ]),
  },
  convWeightGradient: {
    answer: '60f420a4',
    cases: widths.flatMap((outputs) =>
      flags.flatMap((joined) => [
        ...[16, 17].map((terms) =>
          weights(outputs, terms, pictures, outputs === 3 || terms === 17 ? 1 : 0, joined),
        ),
        ...longPictures.map((size) => weights(outputs, 3, size, 0, joined)),
      ]),
    ),
  },
  biasGradient: {
    answer: '13572dc1',
    cases: flags.flatMap((accumulate) =>
      [7, termsOfBlock + 3].map(
        (positions): MakeCase =>
          (m) => {
            const [dy, db] = [m.floats(5 * positions * lanes), m.floats(5)];
            return {
              run: (k) => k.biasGradient(at(dy), at(db), 5, positions, accumulate),
              outputs: [db],
              expected: () => [biasGradient(dy, accumulate ? db : undefined, 5, positions)],
            };
          },
      ),
    ),
  },
  packInputPanels: {
    answer: 'aa650fc0',
    cases: sizes.map((size) => (m) => {
      const { outputs, channels, kernelHeight, kernelWidth, stride } = size;
      const w = m.floats(outputs * channels * kernelHeight * kernelWidth);
      const packed = m.zeros(w.length);
      return {
        run: (k) =>
          k.packInputPanels(at(w), outputs, channels, kernelHeight, kernelWidth, stride, at(packed)),
        outputs: [packed],
        expected: () => [inputPanelSources(size).map((from) => w[from]!)],
        tolerance: 0,
      };
    }),
  },
  convInputGradient: {
    answer: '530b2790',
    cases: [...sizes, ...longSizes].map((size) => (m) => {
      const {
        outputs,
        rows,
        columns,
        channels,
        kernelHeight,
        kernelWidth,
        stride,
        height,
        width,
        top,
        left,
      } = size;
      const dy = m.floats(outputs * rows * columns * lanes);
      const packed = m.floats(outputs * channels * kernelHeight * kernelWidth);
      const table = range(Math.ceil(kernelWidth / stride)).flatMap((column) =>
        range(outputs).map((o) => (o * rows * columns - column) * groupBytes),
      );
      const [offsets, dx] = [m.words(table), m.zeros(channels * height * width * lanes)];
      const from = [at(dy), rows, columns, outputs, at(offsets), at(packed)] as const;
      const kernel = [kernelHeight, kernelWidth, stride, stride] as const;
      return {
        run: (k) => k.convInputGradient(...from, ...kernel, at(dx), channels, height, width, top, left),
        outputs: [dx],
        expected: () => {
          const w = new Float64Array(packed.length);
          for (const [i, from] of inputPanelSources(size).entries()) w[from] = packed[i]!;
          return [inputGradient(dy, w, size)];
        },
      };
    }),
  },
  ...depthwiseChecks,
} satisfies Checks;
