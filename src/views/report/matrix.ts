import type { ConfusionCell, Scores } from '../../evaluation/scores.js';
import type { Matrix } from '../charts/confusion-matrix.js';

/** With more classes than this, not all are shown. */
const mostClasses = 100;
/** The number shown then. */
const chosenClasses = 50;

/** The confusion matrix to draw: of all classes, or of many the most confused ones, in their own order. */
export function matrixOf({ classes, confusion }: Pick<Scores, 'classes' | 'confusion'>): Matrix {
  const labels =
    classes.length <= mostClasses ? [...classes.keys()] : mostConfused(confusion, classes.length);
  const places = new Map(labels.map((label, place) => [label, place]));
  return {
    names: labels.map((label) => classes[label]!.name),
    samples: labels.map((label) => classes[label]!.samples),
    cells: confusion.flatMap(({ label, predicted, samples }) => {
      const [row, column] = [places.get(label), places.get(predicted)];
      return row === undefined || column === undefined ? [] : [{ row, column, samples }];
    }),
  };
}

/** The classes with a part in the most errors, as the true or as the predicted one. */
function mostConfused(confusion: readonly ConfusionCell[], classes: number): number[] {
  const errors = new Float64Array(classes);
  for (const { label, predicted, samples } of confusion) {
    if (label === predicted) continue;
    errors[label]! += samples;
    errors[predicted]! += samples;
  }
  return [...errors.keys()]
    .sort((a, b) => errors[b]! - errors[a]! || a - b)
    .slice(0, chosenClasses)
    .sort((a, b) => a - b);
}

/** The cells off the diagonal, those with the most samples first. */
export const confusedPairs = (confusion: readonly ConfusionCell[], most: number): ConfusionCell[] =>
  confusion
    .filter(({ label, predicted }) => label !== predicted)
    .sort((a, b) => b.samples - a.samples || a.label - b.label || a.predicted - b.predicted)
    .slice(0, most);
