import { at, type CaseMemory, type Checks } from '../case.js';
import { lanes } from '../kernels.js';
import { type GroupNormCase, groupNorm, groupStatistics } from './reference.js';

const flags = [0, 1] as const;
/** Groups of several channels, and layer norm's: one group, each value a channel. */
const shapes: readonly GroupNormCase[] = [
  { groups: 2, channels: 3, positions: 5 },
  { groups: 1, channels: 7, positions: 1 },
];

/** What the passes read, and what they must give. */
function passes(m: CaseMemory, of: GroupNormCase) {
  const values = of.groups * of.channels * of.positions * lanes;
  const [x, dy] = [m.floats(values), m.floats(values)];
  const [mean, inverse] = [m.floats(of.groups * lanes), m.floats(of.groups * lanes)];
  const [scale, shift] = [m.floats(of.groups * of.channels), m.floats(of.groups * of.channels)];
  const size = [of.groups, of.channels, of.positions] as const;
  return {
    ...{ x, dy, mean, inverse, scale, shift, size, out: m.zeros(values) },
    expected: () => groupNorm(of, [x, mean, inverse, scale, shift, dy]),
  };
}

export const groupNormChecks = {
  groupStatistics: {
    answer: 'cd54de79',
    cases: shapes.map((of) => (m) => {
      const { groups, channels, positions } = of;
      const x = m.floats(groups * channels * positions * lanes, (v, i) => v + (i % lanes));
      const [mean, inverse] = [m.zeros(groups * lanes), m.zeros(groups * lanes)];
      return {
        run: (k) => k.groupStatistics(at(x), at(mean), at(inverse), groups, channels * positions, 1e-5),
        outputs: [mean, inverse],
        expected: () => {
          const found = groupStatistics(x, of, 1e-5);
          return [found.mean, found.inverse];
        },
      };
    }),
  },
  groupNormForward: {
    answer: 'e42c59d7',
    cases: shapes.map((of) => (m) => {
      const { x, mean, inverse, scale, shift, size, out, expected } = passes(m, of);
      return {
        run: (k) => k.groupNormForward(at(x), at(out), at(mean), at(inverse), at(scale), at(shift), ...size),
        outputs: [out],
        expected: () => [expected().y],
      };
    }),
  },
  groupNormGradients: {
    answer: '99394b53',
    cases: shapes.flatMap((of) =>
      flags.map((accumulate) => (m: CaseMemory) => {
        const { x, dy, mean, inverse, size, expected } = passes(m, of);
        const [scale, shift] = [m.floats(of.groups * of.channels), m.floats(of.groups * of.channels)];
        return {
          run: (k) =>
            k.groupNormGradients(
              at(dy),
              at(x),
              at(mean),
              at(inverse),
              at(scale),
              at(shift),
              ...size,
              accumulate,
            ),
          outputs: [scale, shift],
          expected: () => {
            const found = expected();
            const added = (before: Float32Array) => (value: number, c: number) =>
              value + (accumulate ? before[c]! : 0);
            return [found.scale.map(added(scale)), found.shift.map(added(shift))];
          },
        };
      }),
    ),
  },
  groupNormInputGradient: {
    answer: '4569deb3',
    cases: shapes.map((of) => (m) => {
      const { x, dy, mean, inverse, scale, size, out, expected } = passes(m, of);
      return {
        run: (k) =>
          k.groupNormInputGradient(at(dy), at(x), at(out), at(mean), at(inverse), at(scale), ...size),
        outputs: [out],
        expected: () => [expected().dx],
      };
    }),
  },
} satisfies Checks;
