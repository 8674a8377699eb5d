/** A saved run as the list of runs shows it. */
export interface ListedRun {
  /** By which the page asks for its curves; means nothing to another server. */
  readonly id: number;
  /** The name of its folder. */
  readonly folder: string;
  /** Goes up when its files have changed. */
  readonly version: number;
  /** As its summary says; `running` while a training has claimed it; `cut off` where there is neither. */
  readonly status: string;
  /** Why it cannot be shown; null of a run that can. */
  readonly fault: string | null;
  /** Of the config; null of a damaged run. */
  readonly name: string | null;
  readonly epochs: number;
  /** Of the config. */
  readonly allEpochs: number;
  /** `trainLossExtras` */
  readonly trainLossWith: readonly string[];
  /** Best top-1 on validation so far, 0 to 1. */
  readonly bestTop1: number | null;
  /** Top-1 on test of the last weights. */
  readonly testTop1: number | null;
  /** Of all epochs. */
  readonly seconds: number;
  /** Median over the epochs. */
  readonly imagesPerSecond: number | null;
  /** When its files last changed, ms since 1970. */
  readonly changed: number;
}
