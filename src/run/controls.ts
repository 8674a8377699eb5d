export type TrainingState = 'running' | 'paused' | 'stopping';

/** What may be asked of a training while it runs. A step in progress always ends. */
export interface Controls {
  readonly state: TrainingState;
  /** After the step in progress nothing is computed until `resume`. */
  pause(): void;
  resume(): void;
  /** After the step in progress a checkpoint is written, and the run ends as one that `--resume` can go on with. */
  stop(): void;
}
