import { createHash } from 'node:crypto';
import { activationTypes } from '../config/activations.js';
import {
  type BorderGeometry,
  type CompiledKernels,
  groupBytes,
  instantiateKernels,
  type Kernels,
  type PoolGeometry,
  type SharedMemory,
} from './kernels.js';

/** `kernelHash` where the kernels are right. A change of the arithmetic changes it, with the numerics version. */
export const knownAnswer = '49b9b53ac8783767';

/** Where the calls below find inputs and leave results: byte addresses. */
const at = { table: 1024, small: 8192, x: 65536, w: 262144, y: 393216, z: 409600, end: 425984 } as const;

/** Bytes of the memory in which the kernels are checked. */
export const checkBytes = at.end;

/**
 * A hash of what every kernel makes of the same inputs, at sizes with all widths of blocks and with tails.
 * It takes a few milliseconds, and each kernel's compilation.
 */
export function kernelHash(compiled: CompiledKernels, memory: SharedMemory): string {
  const kernels = instantiateKernels(compiled, memory);
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  for (let i = at.small / 4; i < at.y / 4; i++) floats[i] = (((i * 2654435761) >>> 8) % 2048) / 1024 - 1;
  const hash = createHash('sha256');
  for (const call of calls(words)) {
    words.fill(0, at.y / 4, at.end / 4);
    call(kernels);
    hash.update(new Uint8Array(memory.buffer, at.y, at.end - at.y));
  }
  return hash.digest('hex').slice(0, 16);
}

/** One call a kernel and shape; `words` is the memory, for tables and integer inputs. */
function calls(words: Uint32Array): ((kernels: Kernels) => void)[] {
  const side = 9;
  const kernel = 3;
  const channels = 2;
  const terms = channels * kernel * kernel - 1; // odd
  for (let t = 0; t < terms; t++) {
    const [c, i, j] = [Math.floor(t / 9), Math.floor(t / 3) % 3, t % 3];
    words[at.table / 4 + t] = ((c * side + i) * side + j) * groupBytes;
  }
  const bytes = (lane: number) => at.x + lane * 1000;
  const put = (values: readonly number[]) => words.set(values, at.small / 4);
  const range = Array.from({ length: 8 }, (_, lane) => lane);
  const rows = side - kernel + 1;
  const row = side * groupBytes;
  const pool = [side, side, 3, 2, 2, 1, 4, 8] as const;
  return [
    ...[1, 2, 3, 4, 5, 8].flatMap((outputs) => [
      (k: Kernels) => {
        k.packPanels(at.w, outputs, terms, at.z);
        k.weightedSums(
          at.x,
          row,
          groupBytes,
          at.table,
          terms,
          at.z,
          0,
          at.w,
          at.y,
          outputs,
          rows,
          rows,
          k.joined,
        );
      },
      (k: Kernels) =>
        k.weightedSums(at.x, 0, 0, at.table, terms, at.w, outputs * 4, 0, at.y, outputs, 1, 1, 0),
      ...([0, 1] as const).flatMap((accumulate) => [
        (k: Kernels) =>
          k.convWeightGradient(
            at.w,
            at.x,
            row,
            groupBytes,
            at.table,
            terms,
            at.y,
            outputs,
            rows,
            rows,
            accumulate,
            at.z,
            k.joined,
          ),
        (k: Kernels) => k.biasGradient(at.w, at.y, outputs, rows, accumulate),
        (k: Kernels) => k.denseWeightGradient(at.w, at.x, at.y, outputs, 21, accumulate),
      ]),
      (k: Kernels) => k.denseForward(at.x, 21, at.w, at.small, at.y, outputs),
    ]),
    ...activationTypes.flatMap((type) => [
      (k: Kernels) => k[`${type}Forward`](at.x, at.y, at.z, 40),
      (k: Kernels) => k[`${type}Forward`](at.x, at.y, 0, 40),
      (k: Kernels) => k[`${type}Backward`](at.x, at.w, at.y, 40),
    ]),
    // Input gradients of 2 x 3 kernels over 7 x 7 pictures, stride 1 and 2, padded by 1.
    ...[1, 2, 3, 4, 5].flatMap((inputs) =>
      [1, 2].map((stride) => (k: Kernels) => {
        const [rows, columns] = [Math.floor(7 / stride) + 1, Math.floor(6 / stride) + 1];
        for (let t = 0; t < 9; t++) {
          words[at.table / 4 + 64 + t] = ((t % 3) * rows * columns - Math.floor(t / 3)) * groupBytes;
        }
        k.packInputPanels(at.w, 3, inputs, 2, 3, stride, at.z);
        k.convInputGradient(
          at.x,
          rows,
          columns,
          3,
          at.table + 256,
          at.z,
          2,
          3,
          stride,
          stride,
          at.y,
          inputs,
          7,
          7,
          1,
          1,
        );
      }),
    ),
    ...winogradCalls(),
    ...winnersCalls(words),
    (k) => k.transpose(at.x, 21, at.y),
    (k) => {
      put(range.map(bytes));
      k.gatherBytes(at.small, 0, 21, 0.25, -0.5, at.y);
    },
    ...([0, 1] as const).map((accumulate) => (k: Kernels) => {
      put(range.map(bytes));
      k.gatherJittered(at.small, 0, 21, 0.25, -0.5, at.x, accumulate, at.y);
    }),
    ...([0, 1] as const).map((mirrored) => (k: Kernels) => {
      // 3 planes of 5 x 18 bytes.
      k.reframeBytes(at.x, at.y, 3, 5, 18, -1, 2, mirrored, 2, 4, 10, 15, at.z, at.w);
    }),
    (k) => {
      put(range.map(bytes));
      k.gatherFloats(at.small, 21, at.y);
    },
    (k) => k.maxPoolForward(at.x, at.y, at.z, channels, ...pool),
    (k) => {
      k.maxPoolForward(at.x, at.z, at.z + 12288, channels, ...pool);
      k.maxPoolBackward(at.w, at.z + 12288, at.y, channels, ...pool);
    },
    (k) => k.averagePoolForward(at.x, at.y, channels, ...pool),
    (k) => k.averagePoolBackward(at.x, at.y, channels, ...pool),
    (k) => k.embed(at.x, at.y, channels, 4, 3, side, side, 1, 2),
    (k) => k.crop(at.x, at.y, channels, 4, 3, side, side, 1, 2),
    (k) => {
      put([...range, ...range.map((lane) => (5 * lane) % 13)]);
      k.crossEntropy(at.x, at.small, at.w, 0.1, 7, 13, at.y, at.z, at.z + 32);
    },
    (k) => {
      put(range);
      k.crossEntropy(at.x, at.small, 0, 0, 7, 13, at.y, at.z, at.z + 32);
    },
    (k) => {
      put(range);
      k.dropoutForward(at.x, at.y, at.z, at.small, 21, 2 ** 31, 2);
    },
    (k) => k.dropoutBackward(at.x, at.w, at.y, 21),
    (k) => {
      k.add(at.y, at.x, 84);
      k.add(at.y, at.w, 84);
    },
    (k) => {
      k.add(at.y, at.x, 84);
      k.add(at.z, at.w, 84);
      k.sgd(at.y, at.x, at.z, 84, 1 / 3, 0.1, 0.9, 0.01, 1);
      k.sgd(at.y, at.x, at.z, 84, 1, 0.1, 0, 0.01, 0);
      words[at.z / 4 + 100] = k.allFinite(at.y, 84);
    },
  ];
}

/** Convolutions by Winograd of 2 pictures of 5 x 11, and their gradients, with kernels of 2 to 5 columns. */
function winogradCalls(): ((kernels: Kernels) => void)[] {
  const [inputs, outputs, height, width] = [2, 3, 5, 11];
  return [2, 3, 4, 5].flatMap((taps) => {
    const [columns, step] = [width + 2 - taps + 1, 7 - taps];
    const tiles = Math.ceil(columns / step);
    const weights = [36 * taps, 12 * taps, 4 * taps, 4] as const;
    const plane = inputs * height * tiles * groupBytes;
    return [
      // From `x` to the transform in `y`, and on from there, with the weights' in `z`.
      (k: Kernels) => {
        const channel = height * tiles * groupBytes;
        k.winogradInput(at.x, inputs, height, width, 1, step, tiles, at.y, channel, plane);
      },
      (k: Kernels) => k.packWinograd(at.w, ...weights, outputs, inputs, 3, taps, at.y),
      (k: Kernels) => {
        k.packWinograd(at.w, ...weights, outputs, inputs, 3, taps, at.z);
        k.winogradSums(
          at.x,
          plane,
          at.table,
          6,
          at.z,
          at.w,
          at.small + 16384,
          at.y,
          outputs,
          3,
          columns,
          step,
          tiles,
          k.joined,
        );
      },
      (k: Kernels) => k.packWinogradGrid(at.w, ...weights, outputs, inputs, taps, at.y, 64),
      (k: Kernels) => {
        k.packWinogradGrid(at.w, ...weights, outputs, inputs, taps, at.z, 64);
        const [lines, v, sums] = [at.small + 16384, at.small + 24576, at.small + 40960];
        k.winogradGrid(
          at.x,
          inputs,
          height,
          width,
          -1,
          1,
          at.table,
          at.z,
          at.w,
          lines,
          v,
          sums,
          at.y,
          1,
          3,
          columns,
          step,
          tiles,
          64,
          k.joined,
        );
      },
      (k: Kernels) => k.winogradGradient(at.x, 4, columns, step, at.y, 4 * tiles * groupBytes),
      ...([0, 1] as const).map(
        (accumulate) => (k: Kernels) => k.unpackWinograd(at.x, 5, taps, at.y, accumulate),
      ),
    ];
  });
}

/** Max-pools whose winners alone have a gradient: windows of 2 x 2 and 3 x 2 over pictures of 6 x 7, with a border and without. */
function winnersCalls(words: Uint32Array): ((kernels: Kernels) => void)[] {
  const [channels, side, kernel] = [2, 6, 2];
  const places = [36, 4, 1000] as const;
  const pools: readonly [...PoolGeometry, ...BorderGeometry][] = [
    [side, 7, 2, 2, 2, 2, 3, 3, 0, 0],
    [side, 7, 3, 2, 2, 2, 3, 4, 1, 1],
  ];
  // 8 samples of 8 x 9 pixels, 1 to 11 values a pixel.
  const sample = (depth: number) => 72 * depth * 4 + 64;
  const row = (depth: number) => 36 * depth;
  const count = channels * 9;
  return [
    ...pools.flatMap((pool) =>
      [0, at.z].flatMap((low) =>
        [0, at.y + 8192].map(
          (high) => (k: Kernels) =>
            k.windowExtremes(at.x, at.y, high, low, high && low + 4096, channels, ...pool, ...places),
        ),
      ),
    ),
    ...[0, at.z].map((slope) => (k: Kernels) => {
      k.windowExtremes(at.x, at.y, at.z, 0, 0, channels, ...pools[1]!, ...places);
      k.meetBorder(at.y, slope, channels, ...pools[1]!);
    }),
    ...[0, 1].map((places) => (k: Kernels) => {
      k.siluForward(at.x, at.y, at.z, 40);
      k.siluOfLow(at.w, at.y, places * at.z, places * (at.z + 4096), at.x, 40);
    }),
    ...[1, 2, 3, 4, 5, 7, 9, 11].flatMap((depth) => {
      const patchVectors = Math.ceil((kernel * depth) / 4);
      const lists = at.small;
      const sizes = lists + 4096;
      /** Winners anywhere, some without a gradient, to the lists. */
      const list = (k: Kernels, skip: 0 | 1) => {
        const dz = at.small + 8192;
        const winners = dz + count * groupBytes;
        for (let i = 0; i < count * 8; i++) {
          words[dz / 4 + i] = i % 3 === 0 ? 0 : words[at.w / 4 + i]!;
          words[winners / 4 + i] =
            (i % 8) * sample(depth) + ((i * 5) % 6) * row(depth) + ((i * 3) % 7) * depth * 4;
        }
        k.listWinners(dz, winners, channels, 3, 3, skip, lists, sizes);
      };
      return [
        (k: Kernels) => k.toSamples(at.x, depth, side, 7, at.y, sample(depth), row(depth)),
        (k: Kernels) => k.fromSamples(at.x, sample(depth), row(depth), depth, 3, 4, at.y),
        (k: Kernels) => k.packPatches(at.w, channels, depth, kernel, kernel, patchVectors, at.y),
        ...([0, 1] as const).flatMap((flag) => [
          (k: Kernels) => k.unpackPatches(at.w, channels, depth, kernel, kernel, patchVectors, at.y, flag),
          (k: Kernels) => {
            list(k, flag);
            k.winnersWeightGradient(
              at.x,
              row(depth),
              lists,
              sizes,
              channels,
              3,
              3,
              kernel,
              patchVectors,
              at.y,
            );
          },
          (k: Kernels) => {
            list(k, flag);
            const bytes = 8 * sample(depth);
            k.winnersInputGradient(
              at.w,
              lists,
              sizes,
              channels,
              3,
              3,
              kernel,
              patchVectors,
              at.y,
              bytes,
              row(depth),
            );
          },
        ]),
      ];
    }),
  ];
}
