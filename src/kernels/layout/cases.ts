import { at, type Checks } from '../case.js';
import { lanes } from '../kernels.js';
import {
  cropped,
  embedded,
  type Frame,
  fromSamples,
  planesApart,
  toSamples,
  transposed,
} from './reference.js';

const frame: Frame = { channels: 2, rows: 4, columns: 3, height: 9, width: 8, top: 1, left: 2 };
const inner = 2 * 4 * 3 * lanes;
const outer = 2 * 9 * 8 * lanes;
const frameSizes = [2, 4, 3, 9, 8, 1, 2] as const;

/** Pixels of 1 to 11 values: all tails of 4. */
const sampleRows = [1, 2, 3, 4, 5, 7, 9, 11].map((channels) => {
  const row = 4 * channels;
  return { channels, rows: 3, columns: 3, row, sample: 4 * row + 16 };
});

export const layoutChecks = {
  transpose: {
    answer: '5f0d1a73',
    cases: [21, 24].map((count) => (m) => {
      // Readable up to a multiple of 8; what is there goes over too.
      const [x, rows] = [
        m.floats(24 * lanes, (value, i) => (i < count * lanes ? value : 0)),
        m.zeros(lanes * 24),
      ];
      return {
        run: (k) => k.transpose(at(x), count, at(rows)),
        outputs: [rows],
        expected: () => [transposed(x, count, 24)],
        tolerance: 0,
      };
    }),
  },
  toSamples: {
    answer: '7b652467',
    cases: sampleRows.map((size) => (m) => {
      const { channels, rows, columns, sample, row } = size;
      const [x, to] = [m.floats(channels * rows * columns * lanes), m.zeros(lanes * sample)];
      return {
        run: (k) => k.toSamples(at(x), channels, rows, columns, at(to), sample * 4, row * 4),
        outputs: [to],
        expected: () => [toSamples(x, size, to.length)],
        tolerance: 0,
      };
    }),
  },
  fromSamples: {
    answer: '06a1e1f5',
    cases: sampleRows.map((size) => (m) => {
      const { channels, rows, columns, sample, row } = size;
      const [from, x] = [m.floats(lanes * sample), m.zeros(channels * rows * columns * lanes)];
      return {
        run: (k) => k.fromSamples(at(from), sample * 4, row * 4, channels, rows, columns, at(x)),
        outputs: [x],
        expected: () => [fromSamples(from, size)],
        tolerance: 0,
      };
    }),
  },
  embed: {
    answer: 'aa477b6b',
    cases: [
      (m) => {
        const [from, to] = [m.floats(inner), m.floats(outer)];
        return {
          run: (k) => k.embed(at(from), at(to), ...frameSizes),
          outputs: [to],
          expected: () => [embedded(from, frame)],
          tolerance: 0,
        };
      },
    ],
  },
  embedApart: {
    answer: '5706dd50',
    cases: [
      (m) => {
        const [from, to] = [m.floats(inner), m.floats(outer)];
        return {
          run: (k) => k.embedApart(at(from), at(to), ...frameSizes, 2, 2),
          outputs: [to],
          expected: () => [embedded(from, frame, [2, 2])],
          tolerance: 0,
        };
      },
    ],
  },
  crop: {
    answer: '205c4814',
    cases: [
      (m) => {
        const [from, to] = [m.floats(outer), m.zeros(inner)];
        return {
          run: (k) => k.crop(at(from), at(to), ...frameSizes),
          outputs: [to],
          expected: () => [cropped(from, frame)],
          tolerance: 0,
        };
      },
    ],
  },
  spreadPlanes: {
    answer: '21efed28',
    cases: [
      (m) => {
        const [from, to] = [m.floats(3 * 5 * lanes), m.zeros(3 * 7 * lanes)];
        return {
          run: (k) => k.spreadPlanes(at(from), at(to), 3, 5, 7),
          outputs: [to],
          expected: () => [planesApart(from, 3, 5, 7)],
          tolerance: 0,
        };
      },
    ],
  },
} satisfies Checks;
