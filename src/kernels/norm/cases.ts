import { at, type Checks, type MakeCase } from '../case.js';
import { lanes } from '../kernels.js';
import { range } from '../plain.js';
import { behindRelu, channelSums, gradients, inputGradient, scaled } from './reference.js';

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
    answer: 'ec353feb',
    cases: flags.map((rectify) => (m) => {
      const [x, scale, shift, y] = [
        m.floats(values),
        m.floats(channels),
        m.floats(channels),
        m.zeros(values),
      ];
      return {
        run: (k) => k.scaleChannels(at(x), at(y), at(scale), at(shift), channels, positions, rectify),
        outputs: [y],
        expected: () => [scaled(x, scale, shift, positions).map((v) => (rectify ? Math.max(v, 0) : v))],
      };
    }),
  },
  normGradients: {
    answer: 'd3b7c91c',
    cases: flags.flatMap((accumulate) =>
      flags.map((rectify) => (m) => {
        const [dy, x, mean, inverse] = [
          m.floats(values),
          m.floats(values),
          m.floats(channels),
          m.floats(channels),
        ];
        const [ofScale, ofShift] = [m.floats(channels), m.floats(channels)];
        const [scale, shift] = rectify ? [m.floats(channels), m.floats(channels)] : [];
        const from = [at(dy), at(x), at(mean), at(inverse), at(scale), at(shift)] as const;
        const to = [at(ofScale), at(ofShift)] as const;
        return {
          run: (k) => k.normGradients(...from, ...to, channels, positions, accumulate, rectify),
          outputs: [ofScale, ofShift],
          expected: () => {
            const own = scale && shift ? behindRelu(dy, x, scale, shift, positions) : dy;
            const found = gradients(own, x, mean, inverse, positions);
            const added = (before: Float32Array) => (value: number, c: number) =>
              value + (accumulate ? before[c]! : 0);
            return [found.scale.map(added(ofScale)), found.shift.map(added(ofShift))];
          },
        };
      }),
    ),
  },
  normInputGradient: {
    answer: '51811f60',
    cases: range(lanes + 1, 1).map((samples) => (m) => {
      const rectify = samples % 2 === 0 ? 1 : 0;
      const [dy, x, dx] = [m.floats(values), m.floats(values), m.zeros(values)];
      const ofChannels = [
        m.floats(channels),
        m.floats(channels),
        m.floats(channels),
        m.floats(channels),
      ] as const;
      const [mean, meanGradient, slope, factor] = ofChannels;
      const [scale, shift] = rectify ? [m.floats(channels), m.floats(channels)] : [];
      const from = [at(dy), at(x), at(dx), at(mean), at(scale), at(shift)] as const;
      const factors = [at(meanGradient), at(slope), at(factor)] as const;
      return {
        run: (k) => k.normInputGradient(...from, ...factors, channels, positions, samples, rectify),
        outputs: [dx],
        expected: () => {
          const own = scale && shift ? behindRelu(dy, x, scale, shift, positions) : dy;
          return [inputGradient(own, x, ofChannels, positions, samples)];
        },
      };
    }),
  },
} satisfies Checks;
