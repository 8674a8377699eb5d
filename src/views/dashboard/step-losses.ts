/** The losses of a training's steps, in bounded memory. Server and page share this module, so that both drop the same points. */

/** Largest number of points: more than a screen has columns. */
export const mostPoints = 10_000;

export interface StepLosses {
  /** Every `stride`-th point is kept. */
  stride: number;
  /** Points seen so far. */
  seen: number;
  /** Epochs, with fractions. */
  at: number[];
  /** Nats per sample. */
  loss: number[];
}

export const emptySteps = (): StepLosses => ({ stride: 1, seen: 0, at: [], loss: [] });

/** Adds a point. When there are too many, drops every second one and doubles the stride. */
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
