import type { CalibrationBin, Outcomes, Scores } from './scores.js';

/** How far the confidence is from the accuracy: over `bins` equal bins of (0, 1] (Guo et al. 2017, equation 3). */
export function calibrationOf(
  { confidence, ranks }: Pick<Outcomes, 'confidence' | 'ranks'>,
  bins: number,
): Scores['calibration'] {
  const samples = new Float64Array(bins);
  const sums = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (let i = 0; i < confidence.length; i++) {
    const bin = binOf(confidence[i]!, bins);
    samples[bin]!++;
    sums[bin]! += confidence[i]!;
    if (ranks[i] === 0) hits[bin]!++;
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

/** Where low < confidence <= high, by the very edges that are shown: a product rounded up may lie in the next bin. */
function binOf(confidence: number, bins: number): number {
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
  while (bin > 0 && confidence <= bin / bins) bin--;
  while (bin < bins - 1 && confidence > (bin + 1) / bins) bin++;
  return bin;
}
