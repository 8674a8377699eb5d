import { bootstrapInterval } from './bootstrap.js';
import { classScores, confusionOf, macroOf } from './confusion.js';
import type { CalibrationBin, Outcomes, Scores } from './scores.js';
import type { Resampling } from './statistics/difference.js';

/** Computes the scores of an evaluation. The same on every machine. */
export function scoresOf(outcomes: Outcomes, options: Partial<ScoreOptions> = {}): Scores {
  const { bins, level, resamples, seed } = { ...scoreDefaults, ...options };
  const { split, classesBefore, loss } = outcomes;
  const samples = classesBefore.length;
  const hits = (below: number) => classesBefore.reduce((sum, before) => sum + (before < below ? 1 : 0), 0);
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

/** Options of the scores. */
export interface ScoreOptions extends Resampling {
  /** Number of equal confidence bins of the calibration error. */
  readonly bins: number;
}

export const scoreDefaults: ScoreOptions = { bins: 15, level: 0.95, resamples: 2000, seed: 1 };

/** Expected calibration error over `bins` equal bins of (0, 1] (Guo et al. 2017, equation 3), and the bins. */
export function calibrationOf(
  { confidence, classesBefore }: Pick<Outcomes, 'confidence' | 'classesBefore'>,
  bins: number,
): Scores['calibration'] {
  const samples = new Float64Array(bins);
  const sums = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (let i = 0; i < confidence.length; i++) {
    const bin = binOf(confidence[i]!, bins);
    samples[bin]!++;
    sums[bin]! += confidence[i]!;
    if (classesBefore[i] === 0) hits[bin]!++;
  }
  let error = 0;
  const all = Array.from(samples, (count, bin): CalibrationBin => {
    const edges = { low: bin / bins, high: (bin + 1) / bins };
    if (count === 0) return { ...edges, samples: 0, confidence: null, accuracy: null };
    error += Math.abs(hits[bin]! - sums[bin]!);
    return { ...edges, samples: count, confidence: sums[bin]! / count, accuracy: hits[bin]! / count };
  });
  return { error: error / confidence.length, bins: all };
}

/** The bin with low < confidence <= high. The product is exact: a float32 has 24 bits, a double has 53. */
const binOf = (confidence: number, bins: number) => Math.max(0, Math.ceil(confidence * bins) - 1);
