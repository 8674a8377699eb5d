import { at, type Checks } from '../case.js';
import { groupBytes, lanes } from '../kernels.js';
import { tensor } from '../plain.js';
import {
  type Depthwise,
  depthwiseInputGradient,
  depthwiseInputs,
  depthwiseSums,
  depthwiseWeightGradient,
} from './reference.js';

const pair = (value: number) => [value, value] as const;

function sizeOf(
  kernel: readonly [number, number],
  stride: number,
  dilation: number,
  [top, left]: readonly [number, number],
): Depthwise {
  const [height, width] = [5, 7];
  const outputs = (side: number, padding: number, taps: number) =>
    Math.floor((side + 2 * padding - (taps - 1) * dilation - 1) / stride) + 1;
  return {
    planes: 2,
    multiplier: 1,
    height,
    width,
    rows: outputs(height, top, kernel[0]),
    columns: outputs(width, left, kernel[1]),
    kernel,
    stride: pair(stride),
    dilation: pair(dilation),
    top,
    left,
  };
}

/** Kernels of 1 to 8 columns, strides, dilations, padding that is wider than the kernel, and outputs that no tap or not all reach. */
const sizes: readonly Depthwise[] = [
  sizeOf([3, 3], 1, 1, [1, 1]),
  sizeOf([3, 3], 2, 1, [1, 1]),
  sizeOf([3, 3], 1, 2, [2, 2]),
  sizeOf([2, 3], 2, 2, [1, 2]),
  sizeOf([1, 1], 1, 1, [0, 0]),
  sizeOf([2, 2], 1, 1, [0, 3]),
  sizeOf([1, 4], 3, 1, [0, 2]),
  sizeOf([3, 5], 1, 1, [2, 2]),
  sizeOf([2, 6], 2, 1, [0, 3]),
  sizeOf([1, 8], 1, 1, [1, 4]),
  sizeOf([4, 3], 1, 1, [4, 1]),
];

const floats = (values: ArrayLike<number>) => Float64Array.from(values);
const inputCount = (size: Depthwise) => depthwiseInputs(size).reduce((a, b) => a * b, 1);
const outputCount = ({ planes, rows, columns }: Depthwise) => planes * rows * columns * lanes;
const weightCount = ({ planes, kernel: [height, width] }: Depthwise) => planes * height * width;
const planeBytes = ({ height, width }: Depthwise) => height * width * groupBytes;
const outputPlaneBytes = ({ rows, columns }: Depthwise) => rows * columns * groupBytes;
const kernelBytes = ({ kernel: [height, width] }: Depthwise) => height * width * 4;
const geometry = ({ height, width, rows, columns, kernel, stride, dilation, top, left }: Depthwise) =>
  [height, width, rows, columns, ...kernel, ...stride, ...dilation, top, left] as const;
/** The same kernels, last tap first. */
const turned = (w: Float32Array, size: Depthwise) => {
  const taps = kernelBytes(size) / 4;
  return w.map((_, i) => w[Math.floor(i / taps) * taps + taps - 1 - (i % taps)]!);
};

export const depthwiseChecks = {
  depthwiseSums: {
    answer: 'ea133b45',
    cases: sizes.flatMap((size) =>
      ([0, 1] as const).map((isTurned) => (m) => {
        // Turned kernels go with sums that are added to, as in the backward pass; the others with a bias.
        const [x, w, y] = [
          m.floats(inputCount(size)),
          m.floats(weightCount(size)),
          m.floats(outputCount(size)),
        ];
        const bias = isTurned ? undefined : m.floats(size.planes);
        const taps = kernelBytes(size);
        const row = size.kernel[1] * 4;
        const way = isTurned ? -1 : 1;
        const kernel = [at(w) + (isTurned ? taps - 4 : 0), taps, way * row, way * 4] as const;
        const planes = [at(x), planeBytes(size), at(y), outputPlaneBytes(size)] as const;
        return {
          run: (k) =>
            k.depthwiseSums(
              ...planes,
              ...kernel,
              at(bias),
              bias ? 4 : 0,
              isTurned,
              size.planes,
              ...geometry(size),
            ),
          outputs: [y],
          expected: () => {
            const before = tensor([size.planes, y.length / size.planes], (p) => bias?.[p!] ?? 0);
            if (isTurned) before.set(y);
            return [depthwiseSums(x, isTurned ? turned(w, size) : w, before, size)];
          },
        };
      }),
    ),
  },
  depthwiseInputGradient: {
    answer: 'e8c43bfc',
    cases: sizes.flatMap((size) =>
      ([0, 1] as const).map((accumulate) => (m) => {
        const [dy, w, dx] = [
          m.floats(outputCount(size)),
          m.floats(weightCount(size)),
          m.floats(inputCount(size)),
        ];
        const planes = [
          at(dy),
          outputPlaneBytes(size),
          at(dx),
          planeBytes(size),
          at(w),
          kernelBytes(size),
        ] as const;
        return {
          run: (k) => k.depthwiseInputGradient(...planes, accumulate, size.planes, ...geometry(size)),
          outputs: [dx],
          expected: () => [
            depthwiseInputGradient(dy, w, accumulate ? floats(dx) : new Float64Array(dx.length), size),
          ],
        };
      }),
    ),
  },
  depthwiseWeightGradient: {
    answer: 'ec581a22',
    cases: [
      ...sizes,
      { ...sizes[0]!, planes: 6, multiplier: 3 },
      // More than a block of positions, whose last row is none of a whole one.
      { ...sizeOf([1, 3], 1, 1, [0, 1]), height: 12, width: 30, rows: 12, columns: 30 },
    ].flatMap((size) =>
      ([0, 1] as const).map((accumulate) => (m) => {
        const [dy, x, dw] = [
          m.floats(outputCount(size)),
          m.floats(inputCount(size)),
          m.floats(weightCount(size)),
        ];
        const sums = m.zeros(3 * lanes);
        const places = [at(dy), at(x), at(dw), at(sums)] as const;
        return {
          run: (k) =>
            k.depthwiseWeightGradient(...places, accumulate, size.planes, size.multiplier, ...geometry(size)),
          outputs: [dw],
          scratch: [sums],
          expected: () => [
            depthwiseWeightGradient(dy, x, accumulate ? floats(dw) : new Float64Array(dw.length), size),
          ],
        };
      }),
    ),
  },
} satisfies Checks;
