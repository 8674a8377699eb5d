import { type ActivationType, activations } from '../../config/activations.js';
import { at, type Check, type Checks } from '../case.js';
import { lanes } from '../kernels.js';
import { activationReference } from './reference.js';

const groups = 40;

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
      run: (k) => k[`${type}Forward`](at(x), at(y), withSlope ? at(slope) : 0, groups),
      outputs: [y, slope],
      expected: () => [Array.from(x, of), Array.from(x, writesSlope ? slopeOf : () => 0)],
    };
  }),
});

const backward = (type: ActivationType, answer: string): Check => ({
  answer,
  cases: [
    (m) => {
      const [kept, dy] = [m.floats(groups * lanes), m.floats(groups * lanes)];
      const dx = m.zeros(groups * lanes);
      return {
        run: (k) => k[`${type}Backward`](at(kept), at(dy), at(dx), groups),
        outputs: [dx],
        expected: () => [Array.from(kept, (v, i) => dy[i]! * activationReference[type].slopeFrom(v))],
      };
    },
  ],
});

export const activationChecks = {
  sigmoidForward: forward('sigmoid', 'b4dceacd'),
  sigmoidBackward: backward('sigmoid', '46a907d1'),
  siluForward: forward('silu', '4b62a292'),
  siluBackward: backward('silu', '1be2b02e'),
  reluForward: forward('relu', '234205ed'),
  reluBackward: backward('relu', '59eb9739'),
  tanhForward: forward('tanh', 'a5607f9b'),
  tanhBackward: backward('tanh', 'f6adeb8a'),
} satisfies Checks;
