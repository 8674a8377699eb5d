import { mix } from '../../numerics/random.js';
import { at, type Checks } from '../case.js';
import { lanes } from '../kernels.js';
import { range } from '../plain.js';
import { dropoutMask } from './reference.js';

const count = 21;

export const dropoutChecks = {
  dropoutForward: {
    answer: '1931ddd2',
    cases: [2 ** 30, 2 ** 31, 3 * 2 ** 30].map((threshold) => (m) => {
      const [x, keys] = [m.floats(count * lanes), m.words(range(lanes).map((lane) => mix(2, lane)))];
      const [y, mask] = [m.zeros(count * lanes), m.zeros(count * lanes)];
      return {
        run: (k) => k.dropoutForward(at(x), at(y), at(mask), at(keys), count, threshold, 1.3),
        outputs: [y, mask],
        expected: () => {
          const expected = dropoutMask(keys, count, threshold, 1.3);
          return [expected.map((value, i) => value * x[i]!), expected];
        },
      };
    }),
  },
  dropoutBackward: {
    answer: '095226da',
    cases: [
      (m) => {
        const [mask, dy, dx] = [m.floats(count * lanes), m.floats(count * lanes), m.zeros(count * lanes)];
        return {
          run: (k) => k.dropoutBackward(at(mask), at(dy), at(dx), count),
          outputs: [dx],
          expected: () => [Array.from(dy, (value, i) => value * mask[i]!)],
        };
      },
    ],
  },
} satisfies Checks;
