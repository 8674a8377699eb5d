import { type ActivationType, activations } from '../../config/activations.js';
import { at, type CaseMemory, type Check, type Checks } from '../case.js';
import { type Kernels, lanes } from '../kernels.js';
import { backwardOf } from './backward.js';
import { activationReference, prelu } from './reference.js';

const groups = 40;
/** Of those that have one. */
const option = 0.3;

/** From -12 to 12: both ends, and what is between. */
const wide = (value: number) => 12 * value;

const forward = (type: ActivationType, answer: string): Check => ({
  answer,
  cases: [false, true].map((withSlope) => (m) => {
    const x = m.floats(groups * lanes, wide);
    const [y, slope] = [m.zeros(groups * lanes), m.zeros(groups * lanes)];
    const writesSlope = withSlope && activations[type].keeps === 'slope';
    const { of, slope: slopeOf } = activationReference[type];
    return {
      run: (k) => k[`${type}Forward`](at(x), at(y), withSlope ? at(slope) : 0, groups, option),
      outputs: [y, slope],
      expected: () => [
        Array.from(x, (v) => of(v, option)),
        Array.from(x, (v) => (writesSlope ? slopeOf(v, option) : 0)),
      ],
    };
  }),
});

/** @param outputs from those of [-1, 1) */
const backward = (type: ActivationType, answer: string, outputs?: (value: number) => number): Check => ({
  answer,
  cases: [
    (m) => {
      const [kept, dy] = [m.floats(groups * lanes, outputs), m.floats(groups * lanes)];
      const dx = m.zeros(groups * lanes);
      return {
        run: (k) => backwardOf(k, type)(at(kept), at(dy), at(dx), groups, option),
        outputs: [dx],
        expected: () => [Array.from(kept, (v, i) => dy[i]! * activationReference[type].slopeFrom(v, option))],
      };
    },
  ],
});

/** One slope, and one for each of three channels. */
const slopeCounts = [1, 3].map((channels) => [channels, groups / 10] as const);

export const activationChecks = {
  sigmoidForward: forward('sigmoid', 'b4dceacd'),
  sigmoidBackward: backward('sigmoid', '46a907d1'),
  siluForward: forward('silu', '4b62a292'),
  slopeBackward: backward('silu', '1be2b02e'),
  reluForward: forward('relu', '234205ed'),
  reluBackward: backward('relu', '59eb9739'),
  tanhForward: forward('tanh', 'a5607f9b'),
  tanhBackward: backward('tanh', 'f6adeb8a'),
  geluForward: forward('gelu', 'c328fe89'),
  leakyReluForward: forward('leakyRelu', '813c5484'),
  leakyReluBackward: backward('leakyRelu', 'f1dcae3d'),
  eluForward: forward('elu', '67fd3e37'),
  eluBackward: backward('elu', '4752af72', (value) => (value > 0 ? value : 0.3 * value)),
  hardSwishForward: forward('hardSwish', 'fc5016fb'),
  relu6Forward: forward('relu6', '6eaae8db'),
  relu6Backward: backward('relu6', '73deaa40', wide),
  preluForward: {
    answer: 'fa078369',
    cases: slopeCounts.map(([channels, positions]) => (m) => {
      const values = channels * positions * lanes;
      const [x, y, slopes] = [m.floats(values), m.zeros(values), m.floats(channels)];
      return {
        run: (k) => k.preluForward(at(x), at(y), at(slopes), channels, positions),
        outputs: [y],
        expected: () => [prelu(x, slopes).y],
      };
    }),
  },
  preluGradient: {
    answer: '421eb92e',
    cases: slopeCounts.flatMap(([channels, positions]) =>
      ([0, 1] as const).map((accumulate) => (m: CaseMemory) => {
        const values = channels * positions * lanes;
        const [dy, x, gradient] = [m.floats(values), m.floats(values), m.floats(channels)];
        return {
          run: (k: Kernels) => k.preluGradient(at(dy), at(x), at(gradient), channels, positions, accumulate),
          outputs: [gradient],
          expected: () => {
            const sums = prelu(x, gradient, dy).gradient;
            return [sums.map((value, c) => value + (accumulate ? gradient[c]! : 0))];
          },
        };
      }),
    ),
  },
  preluInputGradient: {
    answer: 'fc3c2aa5',
    cases: slopeCounts.map(([channels, positions]) => (m) => {
      const values = channels * positions * lanes;
      const [dy, x, dx, slopes] = [m.floats(values), m.floats(values), m.zeros(values), m.floats(channels)];
      return {
        run: (k) => k.preluInputGradient(at(dy), at(x), at(dx), at(slopes), channels, positions),
        outputs: [dx],
        expected: () => [prelu(x, slopes, dy).dx],
      };
    }),
  },
} satisfies Checks;
