export type TrainingState = 'running' | 'paused' | 'stopping';
/** Whether a training has not begun to obey its controls, obeys them, or has ended. */
type Stage = 'before' | 'training' | 'after';

/** What may be asked of a training while it runs. A step in progress always ends. */
export interface Controls {
  readonly state: TrainingState;
  /** After the step in progress nothing is computed until `resume`. */
  pause(): void;
  resume(): void;
  /** After the step in progress a checkpoint is written, and the run ends as one that `--resume` can go on with. */
  stop(): void;
}

/** Thrown before the step at which a training was asked to stop. */
export class StopRequest extends Error {}

/** The controls of one training, between those who ask and the training that looks at them before each part of a pass. */
export class TrainingControls implements Controls {
  #state: TrainingState = 'running';
  #stage: Stage = 'before';
  #halt: (() => void) | undefined;
  #wake = (): void => {};
  #isToSave = false;
  #isFinishing = false;

  get state(): TrainingState {
    return this.#state;
  }

  /** Whether a training obeys the controls: not yet, now, or no longer. */
  get stage(): Stage {
    return this.#stage;
  }

  /** Whether the training ends after the step in progress, as a finished run. */
  get isFinishing(): boolean {
    return this.#isFinishing;
  }

  /** @param halt makes the part that is running end after its step */
  attach(halt: () => void): void {
    this.#stage = 'training';
    this.#halt = halt;
  }

  /** The training has ended. */
  detach(): void {
    this.#stage = 'after';
    this.#halt = undefined;
  }

  pause(): void {
    if (this.#state !== 'running') return;
    this.#state = 'paused';
    this.#halt?.();
  }

  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    this.#wake();
  }

  stop(): void {
    this.#state = 'stopping';
    this.#halt?.();
    this.#wake();
  }

  /** The step in progress is the last; the training is evaluated and saved as a finished one. */
  finish(): void {
    this.#isFinishing = true;
    this.resume();
    this.#halt?.();
  }

  /** After the step in progress a checkpoint is written, and the training goes on, or stays paused. */
  save(): void {
    this.#isToSave = true;
    this.#halt?.();
    this.#wake();
  }

  /**
   * Before a part: waits while the training is paused.
   * @param save writes a checkpoint, where one was asked for
   * @throws StopRequest
   */
  async permission(save: () => void): Promise<void> {
    for (;;) {
      if (this.#isToSave) save();
      this.#isToSave = false;
      if (this.#state !== 'paused') break;
      const pausing = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      // A promise keeps no process alive, and the threads of a training may all be asleep.
      const alive = setInterval(() => {}, 60_000);
      await pausing.finally(() => clearInterval(alive));
    }
    if (this.#state === 'stopping') throw new StopRequest();
  }
}
