import type { ResolvedConfig } from '../config/resolved.js';
import type { PackedDataset, SplitName } from '../data/dataset.js';
import type { Engine } from '../runtime/engine.js';
import type { PhaseResult } from '../runtime/phase.js';
import { afterEpoch } from '../runtime/plateau.js';
import { learningRateAt } from '../runtime/schedule.js';
import { announce } from './announce.js';
import { BestWeights } from './best-weights.js';
import type { Callback, ObservedTraining } from './callback.js';
import { CallbackList, stepReport } from './callback-list.js';
import type { CheckpointEvery, Checkpoints } from './checkpoints.js';
import { StopRequest, TrainingControls } from './controls.js';
import { Divergence } from './divergence.js';
import { EarlyStopping } from './early-stopping.js';
import { type Ending, placeOf, whyEnded } from './ending.js';
import { finalModel } from './final-model.js';
import type { InitRecord } from './initial-weights.js';
import { type EpochMetrics, evaluationMetrics, metricsOf, type SplitMetrics } from './metrics.js';
import { Passes, type Progress } from './passes.js';
import { type Position, start } from './position.js';
import type { Reporter } from './reporter.js';
import { type RunOutcome, RunRecord } from './run-record.js';
import type { RunSummary } from './summary.js';
import type { TrainingPart } from './training-parts.js';

export interface TrainingOptions {
  readonly config: ResolvedConfig;
  readonly dataset: PackedDataset;
  readonly engine: Engine;
  /** The run directory, which belongs to this run alone. */
  readonly directory: string;
  /** Called before each write; throws where the directory no longer belongs to this process. */
  readonly requireClaim?: () => void;
  readonly reporter: Reporter;
  readonly callbacks?: readonly Callback[];
  readonly controls?: TrainingControls;
  /** Checkpoints in mid-epoch, beside the one at each epoch's end. */
  readonly checkpointEvery?: CheckpointEvery;
  /** What it starts from in place of the initializers; the engine has those weights. */
  readonly init?: InitRecord | undefined;
  /** Time from the first step on, after which training ends with the step in progress. It takes one at least. */
  readonly maxSeconds?: number | undefined;
  /** Where a resumed training begins, and the epochs before; the engine has the checkpoint's weights. */
  readonly from?:
    | {
        readonly position: Position;
        readonly epochs: readonly EpochMetrics[];
        readonly parts: readonly TrainingPart[];
      }
    | undefined;
}

const noResult = { end: null, final: null, best: null, weightsSha256: null } as const;

/** One run: epochs of training and validation, then the evaluation of the final and the best weights. */
export class TrainingRun {
  readonly #options: TrainingOptions;
  readonly #engine: Engine;
  readonly #reporter: Reporter;
  readonly #controls: TrainingControls;
  readonly #record: RunRecord;
  readonly #checkpoints: Checkpoints;
  readonly #passes: Passes;
  readonly #callbacks: CallbackList;
  readonly #best: BestWeights;
  readonly #earlyStopping: EarlyStopping | undefined;
  #position: Position;
  #hasGradients = false;
  /** Of `performance.now`. */
  #deadline = Number.POSITIVE_INFINITY;

  constructor(options: TrainingOptions) {
    const { engine, from, checkpointEvery: every = {}, requireClaim = () => {} } = options;
    this.#options = options;
    this.#engine = engine;
    this.#reporter = options.reporter;
    this.#controls = options.controls ?? new TrainingControls();
    this.#position = from?.position ?? start;
    const { epochs = [], parts = [] } = from ?? {};
    this.#record = new RunRecord({ ...options, requireClaim, position: this.#position, epochs, parts });
    this.#checkpoints = this.#record.checkpoints(every, from?.position);
    const { bestBy, earlyStopping } = options.config.training;
    const { best, stopping } = this.#position;
    const saveBest = (epoch: number) => this.#record.saveModel('best', { epoch, steps: 0 });
    this.#best = new BestWeights(bestBy, saveBest, best);
    this.#earlyStopping = earlyStopping && new EarlyStopping(earlyStopping, stopping);
    this.#callbacks = new CallbackList(
      options.callbacks ?? [],
      () => this.#observed,
      () => this.#controls.finish(),
    );
    this.#passes = new Passes(
      engine,
      this.#controls,
      this.#checkpoints,
      every,
      () => this.#save(),
      () => (this.#controls.isFinishing ? 0 : Math.max(0, this.#deadline - performance.now())),
      this.#callbacks.areStepwise,
    );
  }

  /**
   * Trains to the end, or until the controls ask to stop.
   * @throws UserError (exit code training) when loss or gradient is not finite; the last checkpoint stays
   */
  async run(): Promise<RunSummary> {
    this.#controls.attach(() => this.#engine.halt());
    try {
      return await this.#toTheEnd();
    } catch (error) {
      if (error instanceof StopRequest) return await this.#stop();
      if (error instanceof Divergence) {
        await this.#fail();
        throw error.toUserError(this.#options.config, this.#record.path('checkpoint'));
      }
      this.#rescue();
      throw error;
    } finally {
      this.#controls.detach();
    }
  }

  async #toTheEnd(): Promise<RunSummary> {
    const began = performance.now();
    const { config, directory, maxSeconds = Number.POSITIVE_INFINITY } = this.#options;
    const { bestBy, earlyStopping } = config.training;
    this.#record.begin();
    announce(this.#options, this.#reporter);
    this.#checkpoints.take(this.#engine, this.#position);
    if (this.#endReason === 'epochs')
      this.#reporter.note('all epochs are done: there is nothing left to train');
    if (this.#endReason === 'earlyStopping')
      this.#reporter.note('early stopping has ended this training: there is nothing left to train');
    await this.#callbacks.start();
    let reason = this.#endReason; // without regard to the time: there is one step at least
    this.#deadline = performance.now() + 1000 * maxSeconds;
    for (; reason === undefined; reason = this.#endReason) await this.#epoch(this.#position.epoch + 1);
    const { epoch, done } = this.#position;
    const end: Ending = { reason, epochs: epoch, steps: done.steps };
    this.#checkpoints.take(this.#engine, this.#position);
    const { final, best, isBest, weightsSha256 } = await finalModel(
      this.#engine,
      this.#record,
      this.#position,
      earlyStopping?.restoreBest === true,
      (split, ofEpoch) => this.#evaluate(split, ofEpoch),
    );
    this.#controls.detach(); // there is nothing left to stop
    const summary = await this.#end({ status: 'completed', end, final, best, weightsSha256 });
    const seconds = (performance.now() - began) / 1000;
    const why = whyEnded(end, config) ?? null;
    const result = { metrics: final, best, isBest, weightsHash: weightsSha256 };
    this.#reporter.end({ ...result, bestBy, end, why, directory, seconds });
    return summary;
  }

  /** undefined while the training goes on. */
  get #endReason(): Ending['reason'] | undefined {
    if (this.#position.epoch >= this.#options.config.training.epochs) return 'epochs';
    if (this.#earlyStopping?.isExhausted) return 'earlyStopping';
    if (this.#controls.isFinishing) return 'program';
    return performance.now() >= this.#deadline ? 'maxTime' : undefined;
  }

  /**
   * Trains, validates, reports and saves; only the first where the time is up before the epoch is.
   * @throws Divergence
   */
  async #epoch(epoch: number): Promise<void> {
    const { totals, steps, failure } = await this.#passes.train(
      this.#position,
      async (position) => {
        const before = this.#position.done;
        this.#record.addSteps(this.#engine.stepLosses(before.steps, position.done.steps));
        this.#hasGradients = true;
        this.#position = position;
        await this.#partEnded(before);
      },
      (progress) => this.#reportStep(epoch, progress),
    );
    if (failure !== undefined) throw new Divergence(epoch, failure.step, failure.what);
    if (steps < this.#engine.steps) return;
    const { seconds } = this.#position;
    const began = performance.now();
    const validation = await this.#evaluate('validation', epoch);
    const metrics: EpochMetrics = {
      epoch,
      learningRate: this.#learningRateAt(epoch, this.#engine.steps),
      train: metricsOf(totals),
      validation,
      seconds: seconds + (performance.now() - began) / 1000,
      imagesPerSecond: totals.samples / seconds,
    };
    this.#best.epoch(metrics);
    this.#record.addEpoch(metrics);
    this.#earlyStopping?.epoch(metrics);
    this.#position = {
      ...start,
      epoch,
      best: this.#best.best,
      plateau: afterEpoch(this.#options.config.optimizer, this.#position.plateau, validation),
      stopping: this.#earlyStopping?.state,
    };
    this.#checkpoints.take(this.#engine, this.#position);
    const report = { ...metrics, best: this.#best.best?.epoch === epoch };
    this.#reporter.epoch(report);
    await this.#callbacks.epoch(report);
  }

  /** @param before what the epoch gave up to the last part, which was a single step where a callback hears of steps */
  async #partEnded(before: PhaseResult): Promise<void> {
    const { epoch, done } = this.#position;
    if (this.#callbacks.areStepwise && done.steps === before.steps + 1) {
      const rate = this.#learningRateAt(epoch + 1, done.steps);
      await this.#callbacks.step(stepReport(this.#engine, epoch + 1, before, done, rate));
    }
    await this.#tellCheckpoint();
  }

  async #tellCheckpoint(): Promise<void> {
    const checkpoint = this.#checkpoints.news();
    if (checkpoint !== undefined) await this.#callbacks.checkpoint(checkpoint);
  }

  #reportStep(epoch: number, progress: Progress): void {
    this.#reporter.step({
      epoch,
      epochs: this.#options.config.training.epochs,
      steps: this.#engine.steps,
      learningRate: this.#learningRateAt(epoch, progress.step),
      ...progress,
    });
  }

  /** @param step counts from 1 */
  #learningRateAt(epoch: number, step: number): number {
    const reduction = this.#position.plateau?.factor;
    return learningRateAt(this.#options.config, epoch, step - 1, this.#engine.steps, reduction);
  }

  /** @throws Divergence where the loss is not finite: the last step can spoil the weights without a later step that shows it */
  async #evaluate(split: SplitName, epoch: number): Promise<SplitMetrics> {
    const { samples } = this.#options.dataset.splits[split];
    const { totals } = await this.#passes.evaluate(split, samples);
    const metrics = evaluationMetrics(this.#options.config, this.#engine, split, totals);
    await this.#tellCheckpoint();
    if (!Number.isFinite(metrics.loss)) throw new Divergence(epoch, this.#engine.steps, `${split} loss`);
    return metrics;
  }

  #save(): void {
    this.#checkpoints.take(this.#engine, this.#position);
    this.#checkpoints.write();
  }

  /** Saves a checkpoint of where the training stands, and records the epochs so far. */
  async #stop(): Promise<RunSummary> {
    this.#save();
    const summary = await this.#end({ status: 'stopped', ...noResult });
    const { epoch, done } = this.#position;
    const { config, directory } = this.#options;
    this.#reporter.note(
      `stopped after ${placeOf({ epochs: epoch, steps: done.steps }, config.training.epochs)}; --resume ${directory} goes on from there`,
    );
    return summary;
  }

  /** Records the epochs before a divergence. */
  async #fail(): Promise<void> {
    this.#checkpoints.write();
    await this.#end({ status: 'failed', ...noResult });
  }

  /** Writes the last checkpoint after a failure. If that fails too, the first failure is the one to show. */
  #rescue(): void {
    try {
      this.#checkpoints.write();
    } catch {
      // The checkpoint before it stays.
    }
  }

  async #end(outcome: RunOutcome): Promise<RunSummary> {
    const summary = await this.#record.end(outcome, (message) => this.#reporter.warning(message));
    await this.#callbacks.end(summary);
    return summary;
  }

  get #observed(): ObservedTraining {
    const { dataset, directory } = this.#options;
    return { engine: this.#engine, dataset, directory, hasGradients: this.#hasGradients };
  }
}
