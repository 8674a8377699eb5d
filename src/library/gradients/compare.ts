import { hash, normalQuantile, uniform } from '../../numerics/random.js';

/** Analytic gradients beside central differences. */

/** A tensor's values, which may be changed in place, and the gradient that was found for them. */
export interface Tensor {
  readonly name: string;
  readonly values: { [index: number]: number; readonly length: number };
  readonly gradient: ArrayLike<number>;
}

/** What a tensor's comparison gives, value by value. */
export interface Compared {
  readonly place: string;
  readonly gradient: number;
  readonly difference: number;
  /** |gradient - difference| beyond what rounding explains. */
  readonly beyond: number;
  /** What it is relative to. */
  readonly scale: number;
}

export interface Precision {
  /**
   * Steps of a difference, relative to the value where that is above 1. Of each value the one counts that agrees best: large ones meet
   * curvature and kinks, small ones rounding.
   */
  readonly steps: readonly number[];
  /** Relative error of the objective that rounding explains. */
  readonly rounding: number;
  readonly tolerance: number;
}

export const precisions = {
  float64: { steps: [1e-3, 1e-4, 1e-5, 1e-6], rounding: 1e-14, tolerance: 1e-5 },
  float32: { steps: [1e-2, 3e-3, 1e-3, 3e-4], rounding: 1e-7, tolerance: 3e-2 },
} as const satisfies Record<string, Precision>;

/** A sum and the sum of its terms' sizes, by which its rounding is known. */
export interface Objective {
  readonly value: number;
  readonly size: number;
}

/** @param objective of the tensors as they are now. @param most values that are compared, evenly spread */
export function compare(
  { name, values, gradient }: Tensor,
  objective: () => Objective,
  { steps, rounding }: Precision,
  most: number,
): Compared[] {
  const count = Math.min(most, values.length);
  const found = Array.from({ length: count }, (_, k) => {
    const index = Math.floor((k * values.length) / count);
    const analytic = gradient[index]!;
    const estimates = steps.flatMap((step) => differencesAt(values, index, step, objective, rounding));
    const beyond = (of: Estimate) => Math.max(0, Math.abs(of.difference - analytic) - of.noise);
    const best = estimates.reduce((a, b) => (beyond(b) < beyond(a) ? b : a));
    return {
      place: `${name}[${index}]`,
      gradient: analytic,
      difference: best.difference,
      beyond: Number.isFinite(analytic) ? beyond(best) : Number.POSITIVE_INFINITY,
    };
  });
  const meanSquare = found.reduce((sum, { difference }) => sum + difference ** 2, 0) / Math.max(1, count);
  return found.map((each) => ({
    ...each,
    scale: Math.max(Math.abs(each.gradient), Math.abs(each.difference), Math.sqrt(meanSquare)),
  }));
}

interface Estimate {
  readonly difference: number;
  /** What rounding makes of it, at most. */
  readonly noise: number;
}

/** Central, forward and backward difference: where a kink is on one side (of a ReLU, a max-pool), the other side has the gradient. */
function differencesAt(
  values: Tensor['values'],
  index: number,
  step: number,
  objective: () => Objective,
  rounding: number,
): Estimate[] {
  const value = values[index]!;
  const at = (moved: number) => {
    values[index] = moved;
    return { there: values[index]!, ...objective() }; // there: as it is stored
  };
  const distance = step * Math.max(1, Math.abs(value));
  const [below, here, above] = [value - distance, value, value + distance].map(at) as [Point, Point, Point];
  values[index] = value;
  const between = (a: Point, b: Point): Estimate => ({
    difference: (b.value - a.value) / (b.there - a.there),
    noise: (rounding * (a.size + b.size)) / (b.there - a.there),
  });
  return [between(below, above), between(here, above), between(below, here)];
}

type Point = Objective & { readonly there: number };

/** Normal values from a seed. */
export function fillNormal(values: Tensor['values'], seed: number, deviation = 1): void {
  for (let i = 0; i < values.length; i++)
    values[i] = deviation * normalQuantile(uniform(hash(seed, values.length, i)));
}
