import type { ClassScores, ConfusionCell, Outcomes, Scores } from './scores.js';

/** The nonzero cells of the confusion matrix, by label, then by prediction. The whole matrix would take 400 MB for 10,000 classes. */
export function confusionOf({
  labels,
  predicted,
  classes,
}: Pick<Outcomes, 'labels' | 'predicted' | 'classes'>): ConfusionCell[] {
  const keys = Float64Array.from(labels, (label, i) => label * classes.length + predicted[i]!).sort();
  const cells: ConfusionCell[] = [];
  for (let begin = 0, end = 0; begin < keys.length; begin = end) {
    const key = keys[begin]!;
    while (end < keys.length && keys[end] === key) end++;
    const label = Math.floor(key / classes.length);
    cells.push({ label, predicted: key - label * classes.length, samples: end - begin });
  }
  return cells;
}

/** Precision, recall and F1 of each class, from the confusion matrix. */
export function classScores(classes: readonly string[], confusion: readonly ConfusionCell[]): ClassScores[] {
  const samples = new Float64Array(classes.length);
  const predicted = new Float64Array(classes.length);
  const right = new Float64Array(classes.length);
  for (const cell of confusion) {
    samples[cell.label]! += cell.samples;
    predicted[cell.predicted]! += cell.samples;
    if (cell.label === cell.predicted) right[cell.label] = cell.samples;
  }
  return classes.map((name, label) => ({
    name,
    samples: samples[label]!,
    predicted: predicted[label]!,
    precision: ratio(right[label]!, predicted[label]!),
    recall: ratio(right[label]!, samples[label]!),
    // The harmonic mean of precision and recall; 0 where only one of them is 0 / 0.
    f1: ratio(2 * right[label]!, samples[label]! + predicted[label]!),
  }));
}

export function macroOf(classes: readonly ClassScores[]): Scores['macro'] {
  const mean = (of: 'precision' | 'recall' | 'f1') => {
    const values = classes.map((each) => each[of]).filter((value) => value !== null);
    return values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') };
}

const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
