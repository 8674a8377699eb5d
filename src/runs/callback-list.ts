import { ExitCode, UserError } from '../errors.js';
import type { Engine } from '../runtime/engine.js';
import type { PhaseResult } from '../runtime/phase.js';
import type { Answer, Callback, CheckpointReport, ObservedTraining } from './callback.js';
import type { EpochReport, StepReport } from './reporter.js';
import type { RunSummary } from './summary.js';

/** A training's callbacks. They are told one after the other; where one says so the training ends. */
export class CallbackList {
  readonly #callbacks: readonly Callback[];
  readonly #training: () => ObservedTraining;
  readonly #finish: () => void;

  /** @param finish is called where a callback says `'stop'` */
  constructor(callbacks: readonly Callback[], training: () => ObservedTraining, finish: () => void) {
    this.#callbacks = callbacks;
    this.#training = training;
    this.#finish = finish;
  }

  /** Whether one hears of each step. */
  get areStepwise(): boolean {
    return this.#callbacks.some((callback) => callback.step !== undefined);
  }

  async start(): Promise<void> {
    for (const callback of this.#callbacks) await callback.start?.(this.#training());
  }

  step(report: StepReport): Promise<void> {
    return this.#tell((callback) => callback.step?.(report, this.#training()));
  }

  epoch(report: EpochReport): Promise<void> {
    return this.#tell((callback) => callback.epoch?.(report, this.#training()));
  }

  checkpoint(report: CheckpointReport): Promise<void> {
    return this.#tell((callback) => callback.checkpoint?.(report, this.#training()));
  }

  async end(summary: RunSummary): Promise<void> {
    for (const callback of this.#callbacks) await callback.end?.(summary);
  }

  async #tell(event: (callback: Callback) => Answer | Promise<Answer>): Promise<void> {
    for (const callback of this.#callbacks) {
      const answer = await event(callback);
      if (answer === 'stop') this.#finish();
      else if (typeof answer === 'string')
        throw new UserError(`a callback answered "${answer}"; expected "stop" or nothing`, ExitCode.usage);
    }
  }
}

/**
 * What an epoch's last step gave.
 * @param epoch counts from 1
 * @param before what the epoch gave up to the step
 * @param done and with it
 */
export function stepReport(
  engine: Engine,
  epoch: number,
  before: PhaseResult,
  done: PhaseResult,
  learningRate: number,
): StepReport {
  const samples = done.totals.samples - before.totals.samples;
  const weight = done.totals.weight - before.totals.weight;
  const loss = engine.stepLosses(before.steps, done.steps)[0]!;
  return {
    epoch,
    step: done.steps,
    steps: engine.steps,
    loss: weight > 0 ? loss / weight : 0,
    top1: (done.totals.top1 - before.totals.top1) / samples,
    samples,
    learningRate,
  };
}
