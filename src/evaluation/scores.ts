import type { SplitName } from '../data/dataset.js';

/** What is evaluated: a split, or all three of them, one after the other. */
export type EvaluatedSplit = SplitName | 'all';

/** What a model made of a split, sample by sample: arrays of `[samples]`. */
export interface Outcomes {
  readonly split: EvaluatedSplit;
  /** Where the samples come from: those of the first part come first, in the order of its packed split. */
  readonly parts: readonly { readonly split: SplitName; readonly samples: number }[];
  /** The model's classes, in label order; a dataset that numbers them otherwise has been mapped by their names. */
  readonly classes: readonly string[];
  /** Mean cross entropy, nats per sample, added as a training's evaluation adds it: see `totalsOf`. */
  readonly loss: number;
  readonly labels: Int32Array;
  /** The class with the largest logit; of equal ones the first. */
  readonly predicted: Int32Array;
  /** Its probability. */
  readonly confidence: Float32Array;
  /** Cross entropy, nats. */
  readonly losses: Float32Array;
  /** How many classes come before the label: 0 of a top-1 hit, below 5 of a top-5 one. */
  readonly classesBefore: Int32Array;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How well one class is told from the others; null where it would be 0 / 0. */
export interface ClassScores {
  readonly name: string;
  /** Samples of the class, and samples that were taken for it. */
  readonly samples: number;
  readonly predicted: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
}

/** Samples of the class `label` that were taken for the class `predicted`. */
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
  /** Means over the bin's samples; null of none. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

/** All that an evaluation says. Fractions are of 1. */
export interface Scores {
  readonly split: EvaluatedSplit;
  readonly samples: number;
  /** Mean cross entropy, nats per sample: the very number of a training's `summary.json`. */
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
  /** The confusion matrix's cells that are not 0, by label, then by prediction. */
  readonly confusion: readonly ConfusionCell[];
  /** Expected calibration error (Guo et al. 2017): the bins' mean of |accuracy - confidence|, weighted by their samples. */
  readonly calibration: { readonly error: number; readonly bins: readonly CalibrationBin[] };
}
