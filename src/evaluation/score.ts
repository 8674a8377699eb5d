import { bootstrapInterval } from './bootstrap.js';
import { calibrationOf } from './calibration.js';
import { classScores, confusionOf, macroOf } from './confusion.js';
import { type ScoreOptions, scoreDefaults } from './options.js';
import type { Outcomes, Scores } from './scores.js';

/** All that an evaluation says, from what was made of each sample. The same on every machine. */
export function scoresOf(outcomes: Outcomes, options: Partial<ScoreOptions> = {}): Scores {
  const { bins, level, resamples, seed } = { ...scoreDefaults, ...options };
  const { split, ranks, loss } = outcomes;
  const samples = ranks.length;
  const hits = (below: number) => ranks.reduce((sum, rank) => sum + (rank < below ? 1 : 0), 0);
  const [top1, top5] = [hits(1), hits(5)];
  const interval = (hits: number, draws: number) =>
    bootstrapInterval(hits, samples, { level, resamples, seed }, draws);
  const confusion = confusionOf(outcomes);
  const classes = classScores(outcomes.classes, confusion);
  return {
    split,
    samples,
    loss,
    top1: top1 / samples,
    top5: top5 / samples,
    intervals: { level, resamples, seed, top1: interval(top1, 1), top5: interval(top5, 5) },
    macro: macroOf(classes),
    classes,
    confusion,
    calibration: calibrationOf(outcomes, bins),
  };
}
