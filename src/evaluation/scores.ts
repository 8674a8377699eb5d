import type { SplitName } from '../data/dataset.js';

/** What to evaluate: a split, or all three splits in order. */
export type EvaluatedSplit = SplitName | 'all';

/** A model's outcomes on a split: arrays of `[samples]`. */
export interface Outcomes {
  readonly split: EvaluatedSplit;
  /** The splits that the samples come from, in order; each in the order of its packed split. */
  readonly parts: readonly { readonly split: SplitName; readonly samples: number }[];
  /** The model's classes, in label order. A dataset's other numbering has been mapped to it by name. */
  readonly classes: readonly string[];
  /** Mean cross entropy, nats per sample, summed in the order of a training's evaluation: see `totalsOf`. */
  readonly loss: number;
  readonly labels: Int32Array;
  /** The class with the largest logit, the first of equal ones. */
  readonly predicted: Int32Array;
  /** Its probability. */
  readonly confidence: Float32Array;
  /** Cross entropy, nats. */
  readonly losses: Float32Array;
  /** How many classes rank before the label: 0 is a top-1 hit, below 5 a top-5 hit. */
  readonly classesBefore: Int32Array;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Scores of one class. A score is null where it would be 0 / 0. */
export interface ClassScores {
  readonly name: string;
  /** Samples of the class, and samples that were predicted as it. */
  readonly samples: number;
  readonly predicted: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** The number of samples of class `label` that were predicted as class `predicted`. */
export interface ConfusionCell {
  readonly label: number;
  readonly predicted: number;
  readonly samples: number;
}

/** The samples whose confidence lies in (low, high]. */
export interface CalibrationBin {
  readonly low: number;
  readonly high: number;
  readonly samples: number;
  /** Means over the bin's samples; null for an empty bin. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** The scores of an evaluation. Fractions are from 0 to 1. */
export interface Scores {
  readonly split: EvaluatedSplit;
  readonly samples: number;
  /** Mean cross entropy, nats per sample: the same number as in a training's `summary.json`. */
  readonly loss: number;
  readonly top1: number;
  readonly top5: number;
  /** Percentile bootstrap over the samples. */
  readonly intervals: {
    readonly level: number;
    readonly resamples: number;
    readonly seed: number;
    readonly top1: Interval;
    readonly top5: Interval;
  };
  /** Means over the classes that have a value: precision over those that were predicted, recall over those that have samples. */
  readonly macro: { readonly precision: number; readonly recall: number; readonly f1: number };
  readonly classes: readonly ClassScores[];
  /** The nonzero cells of the confusion matrix, by label, then by prediction. */
  readonly confusion: readonly ConfusionCell[];
  /** Expected calibration error (Guo et al. 2017): the bins' mean of |accuracy - confidence|, weighted by their samples. */
  readonly calibration: { readonly error: number; readonly bins: readonly CalibrationBin[] };
}
