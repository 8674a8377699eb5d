import { at, type Checks } from '../case.js';
import { sgd } from './reference.js';

const count = 84;

export const optimizerChecks = {
  add: {
    answer: 'a361a2b8',
    cases: [
      (m) => {
        const [sum, other] = [m.floats(count), m.floats(count)];
        return {
          run: (k) => k.add(at(sum), at(other), count),
          outputs: [sum],
          expected: () => [Array.from(sum, (value, i) => value + other[i]!)],
        };
      },
    ],
  },
  addDoubles: {
    answer: '6d8a822b',
    cases: [
      (m) => {
        const [sum, other] = [m.doubles(count), m.doubles(count)];
        return {
          run: (k) => k.addDoubles(at(sum), at(other), count),
          outputs: [sum],
          expected: () => [Array.from(sum, (value, i) => value + other[i]!)],
          tolerance: 0,
        };
      },
    ],
  },
  sumOfTwo: {
    answer: 'a361a2b8',
    cases: [
      (m) => {
        const [a, b, y] = [m.floats(count), m.floats(count), m.zeros(count)];
        return {
          run: (k) => k.sumOfTwo(at(a), at(b), at(y), count),
          outputs: [y],
          expected: () => [Array.from(a, (value, i) => value + b[i]!)],
        };
      },
    ],
  },
  copy: {
    answer: '3e7da8ce',
    cases: [
      (m) => {
        const [from, to] = [m.floats(count), m.zeros(count)];
        return {
          run: (k) => k.copy(at(from), at(to), count),
          outputs: [to],
          expected: () => [from],
          tolerance: 0,
        };
      },
    ],
  },
  allFinite: {
    answer: 'c5b3649a',
    cases: [1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => (m) => {
      const [x, found] = [m.floats(count), m.zeroWords(1)];
      x[count - 1] = value;
      return {
        run: (k) => {
          found[0] = k.allFinite(at(x), count);
        },
        outputs: [found],
        expected: () => [[Number.isFinite(value) ? 1 : 0]],
        tolerance: 0,
      };
    }),
  },
  sgd: {
    answer: '24f76aba',
    cases: [
      { momentum: 0, nesterov: false },
      { momentum: 0.9, nesterov: false },
      { momentum: 0.9, nesterov: true },
    ].map(({ momentum, nesterov }) => (m) => {
      const settings = { scale: 1 / 3, learningRate: 0.1, momentum, weightDecay: 0.01, nesterov };
      const [w, gradient, velocity] = [m.floats(count), m.floats(count), m.floats(count)];
      const { scale, learningRate, weightDecay } = settings;
      const numbers = [scale, learningRate, momentum, weightDecay, nesterov ? 1 : 0] as const;
      return {
        run: (k) => k.sgd(at(w), at(gradient), at(velocity), count, ...numbers),
        outputs: [w, velocity],
        expected: () => {
          const after = sgd(w, gradient, velocity, settings);
          return [after.w, after.velocity];
        },
      };
    }),
  },
} satisfies Checks;
