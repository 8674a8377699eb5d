import type { LossInput, OptimizerInput, TrainingInput } from '../config/input.js';
import type { Callback } from '../runs/callback.js';
import type { CheckpointEvery } from '../runs/checkpoints.js';

/** How a training is run; nothing of it changes the weights, but where it ends. */
export interface RunningOptions {
  /** Worker threads: they change the speed, never the result. The machine's parallelism unless given. */
  threads?: number;
  /** Checkpoints in mid-epoch, beside the one at each epoch's end. */
  checkpointEvery?: CheckpointEvery;
  /** After this time the step in progress is the last, and the run a finished one. */
  maxSeconds?: number;
  /** When it is aborted, the step in progress is the last, and the run a finished one; before the first step `fit` throws its reason. */
  signal?: AbortSignal;
  /** Nothing is printed unless this asks for it: lines for people, or JSON lines, on stdout. */
  log?: 'none' | 'pretty' | 'json';
  /** What looks at the training between two of its parts, and may end it. */
  callbacks?: readonly Callback[];
  /** Short for a callback with `step` alone. */
  onStep?: NonNullable<Callback['step']>;
  /** Short for a callback with `epoch` alone. */
  onEpoch?: NonNullable<Callback['epoch']>;
  /** Short for a callback with `checkpoint` alone. */
  onCheckpoint?: NonNullable<Callback['checkpoint']>;
  /** Short for a callback with `end` alone. */
  onEnd?: NonNullable<Callback['end']>;
  /** What was decided for the user, and what is unusual about the data; also in the run's log. */
  onMessage?: (kind: 'note' | 'warning', message: string) => void;
}

/** What a config says of a training (docs/config.md), and how it is run. Beside a config all are optional, and take the place of its own. */
export interface FitOptions extends Partial<TrainingInput>, RunningOptions {
  /** Start of the run directory's name; `fit` unless it is given. */
  name?: string;
  /** Of every random number; 1 unless it is given. */
  seed?: number;
  /** `adam({ learningRate: 1e-3 })` unless it is given. */
  optimizer?: OptimizerInput;
  /** Cross-entropy unless it is given. */
  loss?: LossInput;
  /** Run directory, which must be free; a new one in `runs` unless it is given. */
  out?: string | URL;
}

/** What may be changed of a run that goes on; the rest is its own config's. */
export interface ResumeOptions extends RunningOptions {
  /** In place of the config's. */
  epochs?: number;
  /** Where its dataset lies now. */
  data?: string;
}
