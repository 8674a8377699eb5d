import { at, type Checks, type MakeCase } from '../case.js';
import { groupBytes, lanes, termsOfBlock } from '../kernels.js';
import { range } from '../plain.js';
import { denseForward, denseWeightGradient, panelPlace, panels, weightedSums } from './reference.js';

/** Outputs that make blocks of every width. */
const widths = [1, 2, 3, 4, 5, 8];

/** 3 x 3 kernels over 2 pictures of 6 x 6, without the last term, so that terms are odd. */
const side = 6;
const table = range(17).map((t) => {
  const [c, i, j] = [Math.floor(t / 9), Math.floor(t / 3) % 3, t % 3];
  return ((c * side + i) * side + j) * groupBytes;
});

/** Terms of two blocks of a long sum. */
const long = termsOfBlock + 3;
/** As many terms from the same pictures. */
const longTable = range(long).map((t) => table[t % table.length]!);

/** A convolution's: weights in panels, and a bias. */
const overPictures =
  (outputs: number, columns: number, joined: 0 | 1, table: readonly number[], rows = side - 2): MakeCase =>
  (m) => {
    const terms = table.length;
    const [x, packed, bias] = [
      m.floats(2 * side * side * lanes),
      m.floats(outputs * terms),
      m.floats(outputs),
    ];
    const offsets = m.words(table);
    const y = m.zeros(outputs * rows * columns * lanes);
    const strides = [side * groupBytes, groupBytes] as const;
    const bytes = [at(x), ...strides, at(offsets), terms, at(packed), 0, at(bias), at(y)] as const;
    return {
      run: (k) => k.weightedSums(...bytes, outputs, rows, columns, joined),
      outputs: [y],
      expected: () => {
        const place = panelPlace(outputs, terms);
        const weight = (t: number, o: number) => packed[place(t, o)]!;
        return [weightedSums(x, strides, table, weight, bias, [outputs, rows, columns])];
      },
    };
  };

/** A dense layer's input gradient: a matrix, and no bias. */
const overMatrix =
  (outputs: number, terms: number): MakeCase =>
  (m) => {
    const [x, w, offsets] = [
      m.floats(terms * lanes),
      m.floats(outputs * terms),
      m.words(range(terms).map((t) => t * groupBytes)),
    ];
    const y = m.zeros(outputs * lanes);
    return {
      run: (k) =>
        k.weightedSums(at(x), 0, 0, at(offsets), terms, at(w), outputs * 4, 0, at(y), outputs, 1, 1, 0),
      outputs: [y],
      expected: () => [
        weightedSums(x, [0, 0], offsets, (t, o) => w[t * outputs + o]!, undefined, [outputs, 1, 1]),
      ],
    };
  };

const denseWeights =
  (outputs: number, inputs: number, accumulate: 0 | 1): MakeCase =>
  (m) => {
    const [dy, xt, dw] = [m.floats(outputs * lanes), m.floats(24 * lanes), m.floats(outputs * inputs)];
    return {
      run: (k) => k.denseWeightGradient(at(dy), at(xt), at(dw), outputs, inputs, accumulate),
      outputs: [dw],
      expected: () => [denseWeightGradient(dy, xt, 24, accumulate ? dw : undefined, outputs, inputs)],
    };
  };

export const gemmChecks = {
  packPanels: {
    answer: 'ced24254',
    cases: widths.map((outputs) => (m) => {
      const w = m.floats(outputs * 17);
      const packed = m.zeros(outputs * 17);
      return {
        run: (k) => k.packPanels(at(w), outputs, 17, at(packed)),
        outputs: [packed],
        expected: () => [panels(outputs, 17, (t, o) => w[o * 17 + t]!)],
        tolerance: 0,
      };
    }),
  },
  weightedSums: {
    answer: '7de69abb',
    cases: widths.flatMap((outputs) => [
      overPictures(outputs, 4, 0, table),
      overPictures(outputs, 4, 1, table),
      overPictures(outputs, 3, 1, table),
      overPictures(outputs, 1, 0, longTable, 1),
      overPictures(outputs, 3, 1, longTable, 1),
      overMatrix(outputs, table.length),
      overMatrix(outputs, long),
    ]),
  },
  denseForward: {
    answer: 'fdf74375',
    cases: widths.flatMap((outputs) =>
      [
        { inputs: 21, hasBias: true },
        { inputs: 21, hasBias: false },
        { inputs: long, hasBias: true },
      ].map(
        ({ inputs, hasBias }): MakeCase =>
          (m) => {
            const [x, w] = [m.floats(inputs * lanes), m.floats(outputs * inputs)];
            const bias = hasBias ? m.floats(outputs) : undefined;
            const y = m.zeros(outputs * lanes);
            return {
              run: (k) => k.denseForward(at(x), inputs, at(w), bias ? at(bias) : 0, at(y), outputs),
              outputs: [y],
              expected: () => [denseForward(x, w, bias, inputs, outputs)],
            };
          },
      ),
    ),
  },
  denseWeightGradient: {
    answer: '6a6b2fda',
    // All tails of a row of 8.
    cases: ([0, 1] as const).flatMap((accumulate) => [
      ...widths.map((outputs) => denseWeights(outputs, 21, accumulate)),
      ...range(25, 17).map((inputs) => denseWeights(2, inputs, accumulate)),
    ]),
  },
} satisfies Checks;
