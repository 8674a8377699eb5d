import { at, type Checks } from '../case.js';
import { adam, sgd } from './reference.js';

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
  adam: {
    answer: 'e9583913',
    // As it is by default, with each weight decay, and with so little of the past that lerp starts from its other end.
    cases: [{}, { decay: 0.01 }, { keep: 0.99 }, { beta1: 0.3, beta2: 0.5 }, { beta1: 0, epsilon: 0.1 }].map(
      (changes) => (m) => {
        const usual = { scale: 1 / 3, decay: 0, keep: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
        const settings = { ...usual, correction: 0.3, rate: 0.1, ...changes };
        const { scale, decay, keep, beta1, beta2, correction, epsilon, rate } = settings;
        const [w, gradient, first] = [m.floats(count), m.floats(count), m.floats(count)];
        const second = m.floats(count, (value) => value * value); // a mean of squares
        const moments = [1 - beta1, beta2, 1 - beta2] as const;
        const numbers = [scale, decay, keep, ...moments, correction, epsilon, rate] as const;
        return {
          run: (k) => k.adam(at(w), at(gradient), at(first), at(second), count, ...numbers),
          outputs: [w, first, second],
          expected: () => {
            const after = adam(w, gradient, first, second, settings);
            return [after.w, after.first, after.second];
          },
        };
      },
    ),
  },
} satisfies Checks;
