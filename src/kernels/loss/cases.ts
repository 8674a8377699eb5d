import { at, type Checks } from '../case.js';
import { lanes } from '../kernels.js';
import { range, tensor } from '../plain.js';
import { crossEntropy, targetOf } from './reference.js';

const classes = 13;
/** The last lane is padding. */
const samples = 7;

export const lossChecks = {
  crossEntropy: {
    answer: '850a5bce',
    cases: [false, true].map((weighted) => (m) => {
      const logits = m.floats(classes * lanes, (value) => 8 * value);
      const weights = m.floats(classes, (value) => 1 + value);
      const labels = m.words([...range(lanes), ...range(lanes).map((lane) => (5 * lane) % classes)]);
      const shares = m.floats(lanes, (value) => Math.abs(value));
      // Labels, partners and shares are one array.
      const targets = m.zeroWords(3 * lanes);
      targets.set(labels);
      targets.set(new Uint32Array(m.buffer, at(shares), lanes), 2 * lanes);
      const [dz, losses, classesBefore] = [m.zeros(classes * lanes), m.zeros(lanes), m.zeroWords(lanes)];
      const [w, smoothing] = weighted ? [at(weights), 0.1] : [0, 0];
      const to = [at(dz), at(losses), at(classesBefore)] as const;
      return {
        run: (k) => k.crossEntropy(at(logits), at(targets), w, smoothing, samples, classes, ...to),
        outputs: [dz, losses, classesBefore],
        expected: () => {
          const all = range(lanes).map((lane) => {
            const label = labels[lane]!;
            const target = targetOf(weights, smoothing, label, labels[lanes + lane]!, shares[lane]!);
            const z = range(classes).map((cls) => logits[cls * lanes + lane]!);
            return crossEntropy(z, label, weighted ? target : undefined);
          });
          const real = (lane: number, value: number) => (lane < samples ? value : Number.NaN);
          return [
            tensor([classes, lanes], (cls, lane) => (lane! < samples ? all[lane!]!.dz[cls!]! : 0)),
            all.map(({ loss }, lane) => real(lane, loss)),
            all.map((result, lane) => real(lane, result.classesBefore)),
          ];
        },
      };
    }),
  },
} satisfies Checks;
