import type { SplitName } from '../data/dataset.js';
import type { Engine } from '../runtime/engine.js';
import { nothingDone, type PhaseResult } from '../runtime/phase.js';
import type { CheckpointEvery, Checkpoints } from './checkpoints.js';
import type { TrainingControls } from './controls.js';
import { Pace } from './pace.js';
import type { Position } from './position.js';
import type { StepProgress } from './reporter.js';

/** Time between two reports of steps, ms. */
const reportEvery = 100;
/** Timers take no longer delays. */
const longestDelay = 2 ** 31 - 1;

/** Of the epoch so far, as the reporter is told. */
export type Progress = Pick<StepProgress, 'step' | 'loss' | 'top1' | 'imagesPerSecond' | 'load' | 'rankLoad'>;

/** Passes over the splits, in as many parts as pauses and checkpoints make of them. Before each part the controls are asked. */
export class Passes {
  readonly #engine: Engine;
  readonly #controls: TrainingControls;
  readonly #checkpoints: Checkpoints;
  readonly #every: CheckpointEvery;
  readonly #save: () => void;
  readonly #timeLeft: () => number;
  readonly #isStepwise: boolean;
  readonly #pace: Pace;

  /**
   * @param save writes a checkpoint of where the training stands
   * @param timeLeft milliseconds until training ends, by the clock
   * @param isStepwise whether each step is a part of its own
   */
  constructor(
    engine: Engine,
    controls: TrainingControls,
    checkpoints: Checkpoints,
    every: CheckpointEvery,
    save: () => void,
    timeLeft: () => number,
    isStepwise: boolean,
  ) {
    this.#engine = engine;
    this.#controls = controls;
    this.#checkpoints = checkpoints;
    this.#every = every;
    this.#save = save;
    this.#timeLeft = timeLeft;
    this.#isStepwise = isStepwise;
    this.#pace = new Pace(engine);
  }

  /**
   * The steps that are left of the epoch after `position`'s, or as many of them as there is time for.
   * @param moveTo hears where the training stands after each part; the next one waits for it
   * @param report hears of steps, some ten times a second
   * @returns what the epoch gave from its first step on
   * @throws StopRequest
   */
  async train(
    position: Position,
    moveTo: (position: Position) => Promise<void>,
    report: (progress: Progress) => void,
  ): Promise<PhaseResult> {
    const { steps } = this.#engine;
    const every = this.#every.steps ?? steps;
    let { done, seconds } = position;
    while (done.steps < steps) {
      await this.#controls.permission(this.#save);
      // Whatever the time, a training that is begun or resumed takes a step.
      const isLast = this.#timeLeft() === 0;
      const isSingle = isLast || this.#isStepwise;
      const end = isSingle ? done.steps + 1 : Math.min(steps, (Math.floor(done.steps / every) + 1) * every);
      const began = performance.now();
      this.#pace.begin(done.totals.samples);
      const reports = setInterval(() => this.#report(report), reportEvery);
      const deadline = setTimeout(
        () => this.#engine.halt(),
        isLast ? longestDelay : Math.min(longestDelay, this.#checkpoints.dueIn, this.#timeLeft()),
      );
      const result = await this.#part(
        this.#engine.train(position.epoch + 1, done, end, position.plateau?.factor),
      ).finally(() => {
        clearInterval(reports);
        clearTimeout(deadline);
      });
      if (result.failure !== undefined) return result;
      done = result;
      seconds += (performance.now() - began) / 1000;
      const now = { ...position, done, seconds };
      await moveTo(now);
      if (this.#timeLeft() === 0 && done.steps > position.done.steps) break;
      // At the epoch's end there is a checkpoint anyway.
      const isDue = done.steps % every === 0 || this.#checkpoints.dueIn === 0;
      if (isDue && done.steps < steps) this.#checkpoints.take(this.#engine, now);
    }
    return done;
  }

  /**
   * Loss and hits over a split, with the weights as they are.
   * @throws StopRequest
   */
  async evaluate(split: SplitName, samples: number): Promise<PhaseResult> {
    let done = nothingDone;
    do {
      await this.#controls.permission(this.#save);
      done = await this.#part(this.#engine.evaluate(split, done));
    } while (done.totals.samples < samples);
    return done;
  }

  /** Writes a checkpoint that was taken while the part runs: the main thread has nothing else to do. */
  async #part(part: Promise<PhaseResult>): Promise<PhaseResult> {
    try {
      this.#checkpoints.write();
    } catch (error) {
      this.#engine.halt();
      await part.catch(() => {}); // the user must see the failed write
      throw error;
    }
    return part;
  }

  #report(report: (progress: Progress) => void): void {
    const { totals, steps } = this.#engine.progress;
    if (steps === 0 || totals.samples === 0) return;
    report({
      step: steps,
      loss: totals.weight > 0 ? totals.loss / totals.weight : 0,
      top1: totals.top1 / totals.samples,
      ...this.#pace.at(totals.samples),
    });
  }
}
