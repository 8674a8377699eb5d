/** What may be chosen about scores. */
export interface ScoreOptions {
  /** Equal bins of the confidence, of the calibration error. */
  readonly bins: number;
  /** Fraction of the bootstrap's resamples that an interval holds. */
  readonly level: number;
  readonly resamples: number;
  /** Of the resamples. */
  readonly seed: number;
}

export const scoreDefaults: ScoreOptions = { bins: 15, level: 0.95, resamples: 2000, seed: 1 };
