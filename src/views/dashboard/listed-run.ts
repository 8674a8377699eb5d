/** A saved run in the list of runs. */
export interface ListedRun {
  /** The page requests the run's curves by this number. Valid for this server only. */
  readonly id: number;
  /** The name of its folder. */
  readonly folder: string;
  /** Increases when the run's files have changed. */
  readonly version: number;
  /** The summary's status; `running` while a training has claimed the run; `cut off` where there is neither. */
  readonly status: string;
  /** Why the run cannot be shown; null if it can. */
  readonly fault: string | null;
  /** The config's name; null for a damaged run. */
  readonly name: string | null;
  readonly epochs: number;
  /** The config's number of epochs. */
  readonly allEpochs: number;
  /** `trainLossExtras` */
  readonly trainLossWith: readonly string[];
  /** Best top-1 on validation so far, 0 to 1. */
  readonly bestTop1: number | null;
  /** Top-1 on test with the last weights. */
  readonly testTop1: number | null;
  /** Time of all epochs. */
  readonly seconds: number;
  /** Median over the epochs. */
  readonly imagesPerSecond: number | null;
  /** When its files last changed, ms since 1970. */
  readonly changed: number;
}
