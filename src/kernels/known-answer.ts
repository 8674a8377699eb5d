import { activationTypes } from '../config/activations.js';
import { hash } from '../random.js';
import {
  type CompiledKernels,
  createSharedMemory,
  groupBytes,
  instantiateKernels,
  type Kernels,
} from './kernels.js';

/** `kernelHash` where the kernels are right. A change of the arithmetic changes it, with the numerics version. */
export const knownAnswer = 2988469199;

/** Where the calls below find inputs and leave results: byte addresses. */
const at = { table: 1024, small: 8192, x: 65536, w: 262144, y: 393216, z: 417792, end: 442368 } as const;

/**
 * A hash of what every kernel makes of the same inputs, at sizes with all widths of blocks and with tails.
 * It takes about a millisecond, and each kernel's compilation.
 */
export function kernelHash(compiled: CompiledKernels): number {
  const memory = createSharedMemory(at.end);
  const kernels = instantiateKernels(compiled, memory);
  const floats = new Float32Array(memory.buffer);
  const words = new Uint32Array(memory.buffer);
  for (let i = at.small / 4; i < at.y / 4; i++) floats[i] = (((i * 2654435761) >>> 8) % 2048) / 1024 - 1;
  let result = 0;
  for (const [index, call] of calls(words).entries()) {
    words.fill(0, at.y / 4, at.end / 4);
    call(kernels);
    for (let i = at.y / 4; i < at.end / 4; i++) result = (Math.imul(result, 16777619) ^ words[i]!) >>> 0;
    result = hash(result, index);
  }
  return result;
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
        k.weightedSums(at.x, row, groupBytes, at.table, terms, at.z, 0, at.w, at.y, outputs, rows, rows);
      },
      (k: Kernels) => k.weightedSums(at.x, 0, 0, at.table, terms, at.w, outputs * 4, 0, at.y, outputs, 1, 1),
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
      (k: Kernels) => k[`${type}Forward`](at.x, at.y, 40),
      (k: Kernels) => k[`${type}Backward`](at.x, at.w, at.w, at.y, 40),
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
    (k) => k.transpose(at.x, 21, at.y),
    (k) => {
      put(range.map(bytes));
      k.gatherBytes(at.small, 0, 21, 0.25, -0.5, at.y);
    },
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
      put(range);
      k.crossEntropy(at.x, at.small, 7, 13, at.y, at.z, at.z + 32);
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
      k.sgd(at.y, at.x, at.z, 84, 3, 0.1, 0.9, 0.01, 1);
      words[at.z / 4 + 100] = k.allFinite(at.y, 84);
    },
  ];
}
