import type { TestedRate } from '../../runs/lr-finder.js';
import { type Curve, linesOption } from './lines.js';
import { renderSvg } from './render.js';
import { lookOf } from './theme.js';
import { decadeTicks } from './ticks.js';

/** The part of the height above the losses before the smallest one that shows how they rise after it. */
const above = 0.35;

/**
 * Loss against the learning rate, which has a logarithmic axis: of each step, smoothed, and the proposed rate.
 * @param proposed undefined where there is none
 */
export function renderLearningRates(
  title: string,
  steps: readonly TestedRate[],
  proposed: number | undefined,
): Promise<string> {
  // The smallest loss, and the largest one up to there. (A spread of very many steps would take more stack than there is.)
  let [low, highest, before] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { smoothed } of steps) {
    highest = Math.max(highest, smoothed);
    if (smoothed < low) [low, before] = [smoothed, highest];
  }
  const top = before + Math.max(above * (before - low), 0.1);
  const points = (of: 'loss' | 'smoothed') =>
    steps.map((step) => [Math.log10(step.rate), step[of] <= top ? step[of] : Number.NaN] as const);
  const curves: Curve[] = [
    { name: 'loss of a step', points: points('loss'), look: { ...lookOf(5), dash: 'solid' }, thin: true },
    { name: 'smoothed', points: points('smoothed'), look: lookOf(0) },
  ];
  if (proposed !== undefined) {
    const x = Math.log10(proposed);
    const line = [[x, low] as const, [x, top] as const];
    curves.push({ name: `proposed: ${proposed}`, points: line, look: lookOf(1), thin: true });
  }
  const panel = {
    xAxis: 'learning rate',
    yAxis: 'cross entropy (nats per sample)',
    curves,
    range: 'fit',
    xTicks: decadeTicks(steps.map(({ rate }) => Math.log10(rate))),
    place: { left: 75, right: 30, top: 90, bottom: 62 },
  } as const;
  const legend = { names: curves.map(({ name }) => name), top: 46, gap: 28 };
  return renderSvg(linesOption([panel], legend, { title }), { width: 640, height: 440 });
}
