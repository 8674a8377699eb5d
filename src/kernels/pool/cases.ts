import { silu, siluSlope } from '../activation/reference.js';
import { at, type CaseMemory, type Checks, type MakeCase } from '../case.js';
import { type BorderGeometry, lanes, type PoolGeometry } from '../kernels.js';
import { range } from '../plain.js';
import {
  type ArgmaxList,
  argmaxLists,
  averagePool,
  averagePoolBackward,
  borderMet,
  extremes,
  listBytes,
  maxPool,
  maxPoolBackward,
  type Pool,
  patchesOf,
  patchGradient,
  patchInputGradient,
  siluOfLow,
  spreadToArgmaxes,
  weightsOf,
} from './reference.js';

const flags = [0, 1] as const;

/** Windows of 3 x 2 that overlap, over 2 pictures of 9 x 9, without padding and with it. */
const pools: readonly (Pool & { readonly padding: BorderGeometry })[] = [
  { channels: 2, geometry: [9, 9, 3, 2, 2, 1, 4, 8], padding: [0, 0] },
  { channels: 2, geometry: [9, 9, 3, 2, 2, 1, 5, 10], padding: [1, 1] },
];
const inputs = 2 * 9 * 9 * lanes;
const outputsOf = ({ channels, geometry }: Pool) => channels * geometry[6] * geometry[7] * lanes;

/** Windows of two blocks of a long sum: rows of which several are a block, and longer ones. */
const largePools: typeof pools = [
  { channels: 2, geometry: [14, 21, 14, 20, 1, 1, 1, 2], padding: [0, 0] },
  { channels: 2, geometry: [1, 261, 1, 260, 1, 1, 1, 2], padding: [0, 0] },
];

/** Windows of 2 x 2 without a border and of 3 x 2 with one, over 2 pictures of 6 x 7. */
const bordered: readonly (readonly [PoolGeometry, BorderGeometry])[] = [
  [
    [6, 7, 2, 2, 2, 2, 3, 3],
    [0, 0],
  ],
  [
    [6, 7, 3, 2, 2, 2, 3, 4],
    [1, 1],
  ],
];
const channels = 2;
/** Bytes from a row, column and lane to the next where argmaxes are. */
const places = [36, 4, 1000] as const;

const windows = (
  [geometry, border]: (typeof bordered)[number],
  wantsLow: boolean,
  wantsPlaces: boolean,
): MakeCase => {
  const size = { channels, geometry };
  const count = channels * geometry[6] * geometry[7] * lanes;
  return (m) => {
    const x = m.floats(channels * 6 * 7 * lanes);
    const [high, low] = [m.zeros(count), wantsLow ? m.zeros(count) : undefined];
    const highAt = wantsPlaces ? m.zeroWords(count) : undefined;
    const lowAt = wantsPlaces && wantsLow ? m.zeroWords(count) : undefined;
    return {
      run: (k) =>
        k.windowExtremes(
          ...([
            at(x),
            at(high),
            at(highAt),
            at(low),
            at(lowAt),
            channels,
            ...geometry,
            ...border,
            ...places,
          ] as const),
        ),
      outputs: [high, low, highAt, lowAt].filter((values) => values !== undefined),
      expected: () => {
        const [top, bottom] = [extremes(x, size, border, places, 1), extremes(x, size, border, places, -1)];
        return [
          top.values,
          ...(low ? [bottom.values] : []),
          ...(highAt ? [top.places] : []),
          ...(lowAt ? [bottom.places] : []),
        ];
      },
      tolerance: 0,
    };
  };
};

const spreading =
  ([geometry, border]: (typeof bordered)[number]): MakeCase =>
  (m) => {
    const size = { channels, geometry };
    const x = m.floats(channels * 6 * 7 * lanes);
    const dz = m.floats(channels * geometry[6] * geometry[7] * lanes);
    const argmaxes = m.words(extremes(x, size, border, places, 1).places);
    const dx = m.floats(x.length);
    return {
      run: (k) =>
        k.spreadToArgmaxes(
          ...([at(dz), at(argmaxes), at(dx), channels, ...geometry, ...border, ...places] as const),
        ),
      outputs: [dx],
      expected: () => [spreadToArgmaxes(dz, argmaxes, size, places)],
    };
  };

/** Sums of patches: kernels of 2 or 3 rows and 2 columns over 8 samples of 5 x 5 pixels, behind 3 x 3 windows; for all widths of blocks. */
const depths = [1, 2, 3, 4, 5, 7, 9, 11, 14];
const kernelOf = (depth: number) => ({
  outputs: channels,
  channels: depth,
  kernelHeight: 2 + (depth % 2),
  kernelWidth: 2,
  patchVectors: Math.ceil((2 * depth) / 4),
});
const rowOf = (depth: number) => 5 * depth * 4;
const sampleOf = (depth: number) => 5 * rowOf(depth) + 64;

/** Where an argmax lies: anywhere. */
const argmaxAt = (i: number, depth: number) =>
  (i % 8) * sampleOf(depth) + ((i * 5) % 3) * rowOf(depth) + ((i * 7) % 3) * depth * 4;

/** Lists of 3 rows of windows and 2 outputs, some of them full and one empty, and the bytes of each. */
function listsOf(m: CaseMemory, depth: number) {
  const count = 3 * channels;
  const step = listBytes(3) / 4;
  const words = m.zeroWords(count * step);
  const gradients = m.floats(count * step);
  const sizes = m.zeroWords(count);
  const bits = new Uint32Array(m.buffer, at(gradients), count * step);
  for (let list = 0; list < count; list++) {
    const argmaxes = [3 * lanes, 9, 0, 1, 3 * lanes, 16][list]!;
    sizes[list] = argmaxes * 8;
    for (let i = 0; i < argmaxes; i++) {
      words[list * step + 2 * i] = argmaxAt(list * 24 + i, depth);
      words[list * step + 2 * i + 1] = bits[list * step + i]!;
    }
  }
  const read = (): ArgmaxList[] =>
    range(count).map((list) =>
      range(sizes[list]! / 8).map((i) => ({
        argmax: words[list * step + 2 * i]!,
        gradient: gradients[list * step + i]!,
      })),
    );
  return { from: [at(words), at(sizes), channels, 3, 3] as const, read };
}

const listing =
  (skip: 0 | 1): MakeCase =>
  (m) => {
    const count = channels * 3 * 3 * lanes;
    const dz = m.floats(count, (value, i) => (i % 3 === 0 ? 0 : value));
    const argmaxes = m.words(range(count).map((i) => argmaxAt(i, 3)));
    const shape = [channels, 3, 3] as const;
    const step = listBytes(3) / 4;
    const [to, sizes] = [m.zeroWords(3 * channels * step), m.zeroWords(3 * channels)];
    return {
      run: (k) => k.listArgmaxes(at(dz), at(argmaxes), ...shape, skip, at(to), at(sizes)),
      outputs: [to, sizes],
      expected: () => {
        const lists = argmaxLists(dz, argmaxes, shape, skip === 1);
        const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0]!;
        // What lies behind a list's last pair is nobody's.
        const words = lists.flatMap((list) => [
          ...list.flatMap(({ argmax, gradient }) => [argmax, bitsOf(gradient)]),
          ...range(step - 2 * list.length).map(() => Number.NaN),
        ]);
        return [words, lists.map((list) => list.length * 8)];
      },
      tolerance: 0,
    };
  };

/** The host's exp may differ in the last bits between machines; inputs may not. */
const coarse = (value: number) => Math.round(value * 4096) / 4096;

export const poolChecks = {
  maxPoolForward: {
    answer: '70b3f899',
    cases: pools.map((pool) => (m) => {
      const outputs = outputsOf(pool);
      const [x, y, argmaxes] = [m.floats(inputs), m.zeros(outputs), m.zeroWords(outputs)];
      return {
        run: (k) =>
          k.maxPoolForward(at(x), at(y), at(argmaxes), pool.channels, ...pool.geometry, ...pool.padding),
        outputs: [y, argmaxes],
        expected: () => Object.values(maxPool(x, pool)),
        tolerance: 0,
      };
    }),
  },
  maxPoolBackward: {
    answer: '05067fc5',
    cases: pools.map((pool) => (m) => {
      const outputs = outputsOf(pool);
      const [dy, dx] = [m.floats(outputs), m.zeros(inputs)];
      const argmaxes = m.words(range(outputs).map((i) => (i * 5) % 6));
      return {
        run: (k) =>
          k.maxPoolBackward(at(dy), at(argmaxes), at(dx), pool.channels, ...pool.geometry, ...pool.padding),
        outputs: [dx],
        expected: () => [maxPoolBackward(dy, argmaxes, pool)],
      };
    }),
  },
  averagePoolForward: {
    answer: '97b7facd',
    cases: [...pools, ...largePools].map((pool) => (m) => {
      const [height, width] = pool.geometry;
      const [x, y] = [m.floats(pool.channels * height * width * lanes), m.zeros(outputsOf(pool))];
      return {
        run: (k) => k.averagePoolForward(at(x), at(y), pool.channels, ...pool.geometry, ...pool.padding),
        outputs: [y],
        expected: () => [averagePool(x, pool)],
      };
    }),
  },
  averagePoolBackward: {
    answer: '68611b1b',
    cases: pools.map((pool) => (m) => {
      const outputs = outputsOf(pool);
      const [dy, dx] = [m.floats(outputs), m.zeros(inputs)];
      return {
        run: (k) => k.averagePoolBackward(at(dy), at(dx), pool.channels, ...pool.geometry, ...pool.padding),
        outputs: [dx],
        expected: () => [averagePoolBackward(dy, pool)],
      };
    }),
  },
  spreadToArgmaxes: { answer: '51e7a8bc', cases: bordered.map(spreading) },
  windowExtremes: {
    answer: '867f9e17',
    cases: bordered.flatMap((size) =>
      [false, true].flatMap((low) => [false, true].map((placed) => windows(size, low, placed))),
    ),
  },
  siluOfLow: {
    answer: 'cac3b9cc',
    cases: [false, true].map((wanted) => (m) => {
      const count = 40 * lanes;
      // Highest and lowest left of SiLU's bottom, or around it, or right of it.
      const [a, b] = [m.floats(count, (v) => 4 * v - 2), m.floats(count, (v) => 4 * v - 2)];
      const [low, y, slope] = [m.zeros(count), m.zeros(count), m.zeros(count)];
      for (let i = 0; i < count; i++) {
        low[i] = Math.min(a[i]!, b[i]!);
        y[i] = coarse(silu(Math.max(a[i]!, b[i]!)));
        slope[i] = coarse(siluSlope(Math.max(a[i]!, b[i]!)));
      }
      const [highAt, lowAt] = [m.words(range(count)), m.words(range(2 * count, count))];
      const [s, p, l] = wanted ? [at(slope), at(highAt), at(lowAt)] : [0, 0, 0];
      return {
        run: (k) => k.siluOfLow(at(low), at(y), s, p, l, 40),
        outputs: [y, slope, highAt],
        expected: () => {
          const { y: values, ...rest } = siluOfLow(low, y, slope, highAt, lowAt);
          return wanted ? [values, rest.slope, rest.places] : [values, slope.slice(), highAt.slice()];
        },
      };
    }),
  },
  meetBorder: {
    answer: '28862f63',
    cases: bordered.flatMap(([geometry, border]) =>
      [false, true].map(
        (withSlope): MakeCase =>
          (m) => {
            const count = channels * geometry[6] * geometry[7] * lanes;
            const [y, slope] = [m.floats(count), m.floats(count)];
            return {
              run: (k) => k.meetBorder(at(y), withSlope ? at(slope) : 0, channels, ...geometry, ...border),
              outputs: [y, slope],
              expected: () => {
                const met = borderMet(y, slope, { channels, geometry }, border);
                return [met.y, withSlope ? met.slope : slope.slice()];
              },
              tolerance: 0,
            };
          },
      ),
    ),
  },
  listArgmaxes: { answer: 'c9a2ac96', cases: flags.map(listing) },
  argmaxWeightGradient: {
    answer: 'd2a3e61b',
    cases: depths.map((depth) => (m) => {
      const { kernelHeight, patchVectors } = kernelOf(depth);
      const { from, read } = listsOf(m, depth);
      const x = m.floats((8 * sampleOf(depth)) / 4);
      const patches = m.zeros(channels * kernelHeight * patchVectors * 4);
      return {
        run: (k) =>
          k.argmaxWeightGradient(at(x), rowOf(depth), ...from, kernelHeight, patchVectors, at(patches)),
        outputs: [patches],
        expected: () => [patchGradient(x, rowOf(depth), read(), kernelOf(depth))],
      };
    }),
  },
  argmaxInputGradient: {
    answer: 'c857c155',
    cases: depths.flatMap((depth) =>
      [1, channels].map(
        (blockOutputs): MakeCase =>
          (m) => {
            const kernel = kernelOf(depth);
            const { from, read } = listsOf(m, depth);
            // Behind a row of a patch are zeros.
            const run = kernel.patchVectors * 4;
            const w = m.floats(channels * kernel.kernelHeight * run, (value, i) =>
              i % run < 2 * depth ? value : 0,
            );
            const dx = m.zeros((8 * sampleOf(depth)) / 4);
            const block = m.zeros(dx.length);
            const to = [at(dx), dx.byteLength, rowOf(depth), blockOutputs, at(block)] as const;
            return {
              run: (k) =>
                k.argmaxInputGradient(at(w), ...from, kernel.kernelHeight, kernel.patchVectors, ...to),
              outputs: [dx],
              scratch: [block],
              expected: () => [patchInputGradient(w, rowOf(depth), read(), kernel, dx.length)],
            };
          },
      ),
    ),
  },
  packPatches: {
    answer: '7173e278',
    cases: depths.map((depth) => (m) => {
      const kernel = kernelOf(depth);
      const w = m.floats(channels * depth * kernel.kernelHeight * 2);
      const patches = m.zeros(channels * kernel.kernelHeight * kernel.patchVectors * 4);
      return {
        run: (k) =>
          k.packPatches(at(w), channels, depth, kernel.kernelHeight, 2, kernel.patchVectors, at(patches)),
        outputs: [patches],
        expected: () => [patchesOf(w, kernel)],
        tolerance: 0,
      };
    }),
  },
  unpackPatches: {
    answer: '62aed709',
    cases: depths.flatMap((depth) =>
      flags.map(
        (accumulate): MakeCase =>
          (m) => {
            const kernel = kernelOf(depth);
            const [patches, dw] = [
              m.floats(channels * kernel.kernelHeight * kernel.patchVectors * 4),
              m.floats(channels * depth * kernel.kernelHeight * 2),
            ];
            const sizes = [channels, depth, kernel.kernelHeight, 2, kernel.patchVectors] as const;
            return {
              run: (k) => k.unpackPatches(at(patches), ...sizes, at(dw), accumulate),
              outputs: [dw],
              expected: () => [weightsOf(patches, kernel, accumulate ? dw : undefined)],
            };
          },
      ),
    ),
  },
} satisfies Checks;
