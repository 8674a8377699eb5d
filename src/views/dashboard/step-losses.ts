/** The losses of a training's steps, in bounded memory. Server and page share this file, so that both thin out the points alike. */

/** Points that are kept at most: more than a screen has columns. */
export const mostPoints = 10_000;

export interface StepLosses {
  /** One of so many points is kept. */
  stride: number;
  /** Points seen so far. */
  seen: number;
  /** Epochs done, with fractions. */
  at: number[];
  /** Nats per sample. */
  loss: number[];
}

export const emptySteps = (): StepLosses => ({ stride: 1, seen: 0, at: [], loss: [] });

/** Adds a point. When there are too many, every second one is dropped, and the stride doubles. */
export function addStep(steps: StepLosses, at: number, loss: number): void {
  if (steps.seen++ % steps.stride !== 0) return;
  steps.at.push(at);
  steps.loss.push(loss);
  if (steps.at.length < mostPoints) return;
  const even = (_: number, i: number) => i % 2 === 0;
  steps.at = steps.at.filter(even);
  steps.loss = steps.loss.filter(even);
  steps.stride *= 2;
}
