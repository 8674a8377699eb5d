import { at, type Checks, type MakeCase } from '../case.js';
import { lanes } from '../kernels.js';
import { range } from '../plain.js';
import { channelSums, gradients, inputGradient, scaled } from './reference.js';

const [channels, positions] = [3, 5];
const values = channels * positions * lanes;
const flags = [0, 1] as const;

export const normChecks = {
  channelSums: {
    answer: '26148966',
    cases: flags.flatMap((accumulate) =>
      range(lanes + 1, 1).map(
        (samples): MakeCase =>
          (m) => {
            const [x, sums] = [m.floats(values), m.doubles(2 * channels)];
            return {
              run: (k) => k.channelSums(at(x), at(sums), channels, positions, samples, accumulate),
              outputs: [sums],
              expected: () => [channelSums(x, accumulate ? sums : undefined, [channels, positions, samples])],
              tolerance: 1e-14,
            };
          },
      ),
    ),
  },
  scaleChannels: {
    answer: 'c2c88493',
    cases: [
      (m) => {
        const [x, scale, shift, y] = [
          m.floats(values),
          m.floats(channels),
          m.floats(channels),
          m.zeros(values),
        ];
        return {
          run: (k) => k.scaleChannels(at(x), at(y), at(scale), at(shift), channels, positions),
          outputs: [y],
          expected: () => [scaled(x, scale, shift, positions)],
        };
      },
    ],
  },
  normGradients: {
    answer: '16aa95a6',
    cases: flags.map((accumulate) => (m) => {
      const [dy, x, mean, inverse] = [
        m.floats(values),
        m.floats(values),
        m.floats(channels),
        m.floats(channels),
      ];
      const [scale, shift] = [m.floats(channels), m.floats(channels)];
      const from = [at(dy), at(x), at(mean), at(inverse)] as const;
      return {
        run: (k) => k.normGradients(...from, at(scale), at(shift), channels, positions, accumulate),
        outputs: [scale, shift],
        expected: () => {
          const found = gradients(dy, x, mean, inverse, positions);
          const added = (before: Float32Array) => (value: number, c: number) =>
            value + (accumulate ? before[c]! : 0);
          return [found.scale.map(added(scale)), found.shift.map(added(shift))];
        },
      };
    }),
  },
  normInputGradient: {
    answer: '9d3cc13e',
    cases: range(lanes + 1, 1).map((samples) => (m) => {
      const [dy, x, dx] = [m.floats(values), m.floats(values), m.zeros(values)];
      const ofChannels = [
        m.floats(channels),
        m.floats(channels),
        m.floats(channels),
        m.floats(channels),
      ] as const;
      const [mean, meanGradient, slope, factor] = ofChannels;
      const from = [at(dy), at(x), at(dx), at(mean), at(meanGradient), at(slope), at(factor)] as const;
      return {
        run: (k) => k.normInputGradient(...from, channels, positions, samples),
        outputs: [dx],
        expected: () => [inputGradient(dy, x, ofChannels, positions, samples)],
      };
    }),
  },
} satisfies Checks;
