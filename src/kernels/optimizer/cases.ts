import { at, type Checks } from '../case.js';
import { adam, lion, rmsprop, sgd } from './reference.js';

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
  scale: {
    answer: 'cabfed3c',
    cases: [
      (m) => {
        const x = m.floats(count);
        return {
          run: (k) => k.scale(at(x), count, 0.3),
          outputs: [x],
          expected: () => [Array.from(x, (value) => value * 0.3)],
        };
      },
    ],
  },
  clamp: {
    answer: 'dc4ac5ba',
    cases: [
      (m) => {
        const x = m.floats(count);
        return {
          run: (k) => k.clamp(at(x), count, 0.25),
          outputs: [x],
          expected: () => [Array.from(x, (value) => Math.max(-0.25, Math.min(0.25, value)))],
          tolerance: 0,
        };
      },
    ],
  },
  lerp: {
    answer: '7efb0cb9',
    cases: [
      (m) => {
        const [x, y] = [m.floats(count), m.floats(count)];
        return {
          run: (k) => k.lerp(at(x), at(y), count, 0.1),
          outputs: [x],
          expected: () => [Array.from(x, (value, i) => value + 0.1 * (y[i]! - value))],
        };
      },
    ],
  },
  sumOfSquares: {
    answer: '75abf250',
    cases: [
      (m) => {
        const [x, sum] = [m.floats(count), m.doubles(1)];
        return {
          run: (k) => {
            sum[0] = k.sumOfSquares(at(x), count);
          },
          outputs: [sum],
          expected: () => [[x.reduce((total, value) => total + value * value, 0)]],
          tolerance: 1e-14,
        };
      },
    ],
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
  rmsprop: {
    answer: 'a377c10e',
    cases: [{}, { decay: 0.01, momentum: 0.9 }, { centered: true }, { centered: true, momentum: 0.5 }].map(
      (changes) => (m) => {
        const usual = {
          scale: 1 / 3,
          decay: 0,
          keep: 0.9,
          centered: false,
          epsilon: 1e-3,
          momentum: 0,
          rate: 0.1,
        };
        const settings = { ...usual, ...changes };
        const { scale, decay, keep, centered, epsilon, momentum, rate } = settings;
        const [w, gradient, velocity] = [m.floats(count), m.floats(count), m.floats(count)];
        const first = m.floats(count, (value) => value / 4);
        const second = m.floats(count, (value) => 0.1 + value * value); // above the square of the mean
        const moments = [at(second), centered ? at(first) : 0, momentum > 0 ? at(velocity) : 0] as const;
        const numbers = [scale, decay, keep, 1 - keep, epsilon, momentum, rate] as const;
        return {
          run: (k) => k.rmsprop(at(w), at(gradient), ...moments, count, ...numbers),
          outputs: [w, second, first, velocity],
          expected: () => {
            const after = rmsprop(w, gradient, second, first, velocity, settings);
            return [after.w, after.second, after.first, after.velocity];
          },
        };
      },
    ),
  },
  lion: {
    answer: 'b5efb669',
    cases: [
      { keep: 1, beta1: 0.9, beta2: 0.99 },
      { keep: 0.99, beta1: 0.5, beta2: 0.9 },
    ].map((changes) => (m) => {
      const settings = { scale: 1 / 3, rate: 0.1, ...changes };
      const { scale, keep, beta1, beta2, rate } = settings;
      const [w, gradient, first] = [m.floats(count), m.floats(count), m.floats(count)];
      [gradient[0], first[0]] = [0, 0]; // neither up nor down
      const numbers = [scale, keep, beta1, 1 - beta1, beta2, 1 - beta2, rate] as const;
      return {
        run: (k) => k.lion(at(w), at(gradient), at(first), count, ...numbers),
        outputs: [w, first],
        expected: () => {
          const after = lion(w, gradient, first, settings);
          return [after.w, after.first];
        },
      };
    }),
  },
} satisfies Checks;
