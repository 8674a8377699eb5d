import { at, type Checks, type MakeCase } from '../case.js';
import { groupBytes, lanes } from '../kernels.js';
import { range } from '../plain.js';
import { depthwiseChecks } from './depthwise-cases.js';
import {
  biasGradient,
  type InputGradient,
  inputGradient,
  inputPanelSources,
  weightGradient,
} from './reference.js';

const flags = [0, 1] as const;
/** Outputs, or channels, that make blocks of every width. */
const widths = [1, 2, 3, 4, 5, 8];

/** 3 x 3 kernels over 2 pictures of 6 x 6, without the last term or two. */
const side = 6;
const rows = side - 2;
const tableOf = (terms: number) =>
  range(terms).map((t) => {
    const [c, i, j] = [Math.floor(t / 9), Math.floor(t / 3) % 3, t % 3];
    return ((c * side + i) * side + j) * groupBytes;
  });

const weights =
  (outputs: number, terms: number, accumulate: 0 | 1, joined: 0 | 1): MakeCase =>
  (m) => {
    const [dy, x] = [m.floats(outputs * rows * rows * lanes), m.floats(2 * side * side * lanes)];
    const [table, dw, sums] = [m.words(tableOf(terms)), m.floats(outputs * terms), m.zeros(64)];
    const strides = [side * groupBytes, groupBytes] as const;
    const from = [at(dy), at(x), ...strides, at(table), terms] as const;
    return {
      run: (k) => k.convWeightGradient(...from, at(dw), outputs, rows, rows, accumulate, at(sums), joined),
      outputs: [dw],
      scratch: [sums],
      expected: () => [
        weightGradient(dy, x, strides, table, accumulate ? dw : undefined, [outputs, rows, rows]),
      ],
    };
  };

/** 2 x 3 kernels over pictures of 7 x 7, padded by 1. */
const sizes: readonly InputGradient[] = [1, 2, 3, 4, 5].flatMap((channels) =>
  [1, 2].map((stride) => ({
    outputs: 3,
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

export const convChecks = {
  convWeightGradient: {
    answer: 'fd93e8ab',
    cases: widths.flatMap((outputs) =>
      [16, 17].flatMap((terms) =>
        flags.map((joined) => weights(outputs, terms, outputs === 3 || terms === 17 ? 1 : 0, joined)),
      ),
    ),
  },
  biasGradient: {
    answer: 'c6872079',
    cases: flags.map((accumulate) => (m) => {
      const [dy, db] = [m.floats(5 * 7 * lanes), m.floats(5)];
      return {
        run: (k) => k.biasGradient(at(dy), at(db), 5, 7, accumulate),
        outputs: [db],
        expected: () => [biasGradient(dy, accumulate ? db : undefined, 5, 7)],
      };
    }),
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
    answer: 'd1fcaf8d',
    cases: sizes.map((size) => (m) => {
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
