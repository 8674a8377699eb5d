import { rmSync } from 'node:fs';
import type { ResolvedConfig } from '../config/resolve.js';
import { type PackedDataset, type SplitName, splitNames } from '../data/dataset.js';
import { fingerprintOf } from '../data/fingerprint.js';
import { ExitCode, UserError } from '../errors.js';
import { writeFileWhole } from '../files/whole-file.js';
import { wireLayers } from '../graph/wiring.js';
import { numericsVersion } from '../numerics/version.js';
import type { Engine } from '../runtime/engine.js';
import { learningRateAt } from '../runtime/schedule.js';
import { integer } from '../views/format.js';
import { type CheckpointEvery, Checkpoints } from './checkpoints.js';
import { StopRequest, TrainingControls } from './controls.js';
import { writeCurves } from './curves.js';
import { type RunFile, runPath } from './directory.js';
import {
  type AllSplits,
  appendMetrics,
  type EpochMetrics,
  metricsOf,
  type SplitMetrics,
  writeMetrics,
} from './metrics.js';
import type { ObservedTraining, Observer } from './observer.js';
import { Passes, type Progress } from './passes.js';
import { peakMemory } from './peak-memory.js';
import { type Best, type Position, start } from './position.js';
import type { Reporter } from './reporter.js';
import { appendStepLosses, keepStepLosses } from './step-losses.js';
import { type RunResult, type RunSummary, writeSummary } from './summary.js';
import { trainLossExtras } from './train-loss.js';
import { partFrom, type TrainingPart } from './training-parts.js';
import { hashWeights, readWeights, saveWeights, setModelWeights } from './weights.js';

/** Classes that a warning names. */
const mostNamed = 10;

/** Where a training left the finite numbers. */
interface Divergence {
  readonly step: number;
  readonly what: 'loss' | 'gradient' | `${SplitName} loss`;
}

type EndOfRun = Pick<RunResult, 'status' | 'final' | 'best' | 'weightsSha256'>;

const noResult = { final: null, best: null, weightsSha256: null } as const;

export interface TrainingOptions {
  readonly config: ResolvedConfig;
  readonly dataset: PackedDataset;
  readonly engine: Engine;
  readonly threads: number;
  /** The run's own. */
  readonly directory: string;
  /** Asked before each write; throws where the directory is no longer this process's. */
  readonly requireClaim?: () => void;
  readonly reporter: Reporter;
  readonly observers?: readonly Observer[];
  readonly controls?: TrainingControls;
  /** Checkpoints in mid-epoch, beside the one at each epoch's end. */
  readonly checkpointEvery?: CheckpointEvery;
  /** Where to go on, and the epochs before; the engine has the checkpoint's weights. */
  readonly from?:
    | {
        readonly position: Position;
        readonly epochs: readonly EpochMetrics[];
        readonly parts: readonly TrainingPart[];
      }
    | undefined;
}

/** One run: epochs of training and validation, what they leave in the run directory, and the test at the end. */
export class TrainingRun {
  readonly #config: ResolvedConfig;
  readonly #dataset: PackedDataset;
  readonly #engine: Engine;
  readonly #threads: number;
  readonly #parts: readonly TrainingPart[];
  /** Of the dataset. */
  readonly #fingerprint: string;
  readonly #directory: string;
  readonly #requireClaim: () => void;
  readonly #reporter: Reporter;
  readonly #observers: readonly Observer[];
  readonly #controls: TrainingControls;
  readonly #checkpoints: Checkpoints;
  readonly #passes: Passes;
  readonly #epochs: EpochMetrics[];
  readonly #files = new Set<RunFile>(['config', 'metrics', 'stepLosses', 'log', 'checkpoint', 'summary']);
  #position: Position;
  #hasGradients = false;

  constructor(options: TrainingOptions) {
    const { config, dataset, engine, threads, directory, reporter, from } = options;
    this.#config = config;
    this.#dataset = dataset;
    this.#fingerprint = fingerprintOf(dataset);
    this.#engine = engine;
    this.#threads = threads;
    this.#directory = directory;
    this.#requireClaim = options.requireClaim ?? (() => {});
    this.#reporter = reporter;
    this.#observers = options.observers ?? [];
    this.#controls = options.controls ?? new TrainingControls();
    this.#position = from?.position ?? start;
    if (this.#position.best !== undefined) this.#files.add('best');
    const { epoch, done } = this.#position;
    this.#parts = [...(from?.parts ?? []), partFrom(epoch, done.steps, threads)];
    const every = options.checkpointEvery ?? {};
    const metadata = {
      ...this.#metadata,
      fingerprint: this.#fingerprint,
      parts: JSON.stringify(this.#parts),
    };
    const records = (['metrics', 'stepLosses'] as const).map((file) => runPath(directory, file));
    this.#checkpoints = new Checkpoints(
      runPath(directory, 'checkpoint'),
      records,
      metadata,
      this.#requireClaim,
      every,
      from?.position,
    );
    this.#passes = new Passes(engine, this.#controls, this.#checkpoints, every, () => this.#save());
    this.#epochs = [...(from?.epochs ?? [])];
  }

  /**
   * Train to the end, or until it is asked to stop.
   * @throws UserError (exit code training) when loss or gradient is not finite; the last checkpoint stays
   */
  async run(): Promise<RunSummary> {
    this.#controls.attach(() => this.#engine.halt());
    try {
      return await this.#toTheEnd();
    } catch (error) {
      if (error instanceof StopRequest) return await this.#stop();
      this.#rescue();
      throw error;
    } finally {
      this.#controls.detach();
    }
  }

  async #toTheEnd(): Promise<RunSummary> {
    const started = performance.now();
    const { epoch: epochs, done } = this.#position;
    this.#requireClaim();
    keepStepLosses(this.#directory, epochs * this.#engine.steps + done.steps);
    // What a run that goes on has said of its end holds no more.
    rmSync(runPath(this.#directory, 'summary'), { force: true });
    writeFileWhole(runPath(this.#directory, 'config'), `${JSON.stringify(this.#config, null, 2)}\n`);
    writeMetrics(this.#directory, this.#epochs);
    this.#announce();
    this.#checkpoints.take(this.#engine, this.#position);
    if (this.#position.epoch >= this.#config.training.epochs)
      this.#reporter.note('all epochs are done: there is nothing left to train');
    for (const observer of this.#observers) await observer.started?.(this.#observed);
    for (let epoch = this.#position.epoch + 1; epoch <= this.#config.training.epochs; epoch++) {
      const failure = await this.#epoch(epoch);
      if (failure !== undefined) throw await this.#diverged(epoch, failure);
    }
    const final = await this.#evaluateAll();
    this.#requireClaim();
    saveWeights(this.#path('model'), this.#engine, this.#metadata);
    const weightsSha256 = hashWeights(this.#engine);
    const best = await this.#evaluateBest();
    this.#controls.detach(); // there is nothing left to stop
    const summary = await this.#end({ status: 'completed', final, best, weightsSha256 });
    const seconds = (performance.now() - started) / 1000;
    this.#reporter.end({ metrics: final, directory: this.#directory, seconds, weightsHash: weightsSha256 });
    return summary;
  }

  #save(): void {
    this.#checkpoints.take(this.#engine, this.#position);
    this.#checkpoints.write();
  }

  /** A checkpoint of where the training stands, and what is worth having of the epochs before. */
  async #stop(): Promise<RunSummary> {
    this.#save();
    const summary = await this.#end({ status: 'stopped', ...noResult });
    const { epoch, done } = this.#position;
    const steps = done.steps > 0 ? ` and ${done.steps} of ${this.#engine.steps} steps` : '';
    this.#reporter.note(
      `stopped after ${epoch} of ${this.#config.training.epochs} epochs${steps}; --resume ${this.#directory} goes on from there`,
    );
    return summary;
  }

  /** After a failure the last checkpoint may not be written yet; where that cannot be done either, the failure itself says more. */
  #rescue(): void {
    try {
      this.#checkpoints.write();
    } catch {
      // The checkpoint before it stays.
    }
  }

  #announce(): void {
    const { splits } = this.#dataset;
    this.#reporter.start({
      name: this.#config.name,
      parameters: this.#engine.network.parameterCount,
      layers: wireLayers(this.#config.model.layers).length,
      samples: {
        train: splits.train.samples,
        validation: splits.validation.samples,
        test: splits.test.samples,
      },
      threads: this.#threads,
      batchSize: this.#config.training.batchSize,
      epochs: this.#config.training.epochs,
      directory: this.#directory,
      trainLossWith: trainLossExtras(this.#config),
    });
    const { skipped } = this.#dataset;
    for (const { file, reason } of skipped) this.#reporter.warning(`left out ${file}: ${reason}`);
    for (const split of splitNames) {
      const empty = this.#engine.emptyClasses(split).map((label) => this.#dataset.classes[label]);
      const more = empty.length > mostNamed ? ` and ${empty.length - mostNamed} more` : '';
      if (empty.length > 0)
        this.#reporter.warning(`no ${split} image of ${empty.slice(0, mostNamed).join(', ')}${more}`);
    }
    const { resident, samples } = this.#engine.memory;
    if (resident < samples) {
      this.#reporter.note(
        `${integer(samples - resident)} of ${integer(samples)} samples do not fit into --memory and are read as they are needed`,
      );
    }
  }

  /** Train, validate, report, and save. */
  async #epoch(epoch: number): Promise<Divergence | undefined> {
    const { totals, failure } = await this.#passes.train(
      this.#position,
      (position) => {
        this.#requireClaim();
        const losses = this.#engine.stepLosses(this.#position.done.steps, position.done.steps);
        appendStepLosses(this.#directory, losses);
        this.#hasGradients = true;
        this.#position = position;
      },
      (progress) => this.#reportStep(epoch, progress),
    );
    if (failure !== undefined) return failure;
    const { seconds } = this.#position;
    const began = performance.now();
    const validation = await this.#evaluate('validation');
    const { steps } = this.#engine;
    // The last step can spoil the weights where no later one shows it.
    if (!Number.isFinite(validation.loss)) return { step: steps, what: 'validation loss' };
    const metrics: EpochMetrics = {
      epoch,
      learningRate: this.#learningRateAt(epoch, steps),
      train: metricsOf(totals),
      validation,
      seconds: seconds + (performance.now() - began) / 1000,
      imagesPerSecond: totals.samples / seconds,
    };
    this.#requireClaim();
    let { best } = this.#position;
    const isBest = best === undefined || validation.top1 > best.validation.top1;
    if (isBest) {
      best = { epoch, validation };
      saveWeights(this.#path('best'), this.#engine, { ...this.#metadata, epoch: String(epoch) });
    }
    this.#epochs.push(metrics);
    appendMetrics(this.#directory, metrics);
    this.#position = { ...start, epoch, best };
    this.#checkpoints.take(this.#engine, this.#position);
    const report = { ...metrics, best: isBest };
    this.#reporter.epoch(report);
    for (const observer of this.#observers) await observer.epochEnded?.(report, this.#observed);
    return undefined;
  }

  #reportStep(epoch: number, progress: Progress): void {
    this.#reporter.step({
      epoch,
      epochs: this.#config.training.epochs,
      steps: this.#engine.steps,
      learningRate: this.#learningRateAt(epoch, progress.step),
      ...progress,
    });
  }

  /** @param step counts from 1 */
  #learningRateAt(epoch: number, step: number): number {
    return learningRateAt(this.#config, epoch, step - 1, this.#engine.steps);
  }

  async #evaluate(split: SplitName): Promise<SplitMetrics> {
    return metricsOf((await this.#passes.evaluate(split, this.#dataset.splits[split].samples)).totals);
  }

  async #evaluateAll(): Promise<AllSplits> {
    const results: Partial<Record<SplitName, SplitMetrics>> = {};
    for (const split of splitNames) {
      const metrics = await this.#evaluate(split);
      if (!Number.isFinite(metrics.loss)) {
        throw await this.#diverged(this.#epochs.length, {
          step: this.#engine.steps,
          what: `${split} loss`,
        });
      }
      results[split] = metrics;
    }
    return results as AllSplits;
  }

  /** The test of the weights that did best on validation; the engine has the last ones again afterwards. */
  async #evaluateBest(): Promise<Best & Pick<AllSplits, 'test'>> {
    setModelWeights(this.#engine, readWeights(this.#path('best'), this.#engine.network, { links: false }));
    const test = await this.#evaluate('test');
    setModelWeights(this.#engine, readWeights(this.#path('model'), this.#engine.network, { links: false }));
    return { ...this.#position.best!, test };
  }

  /** Say where and why, with what is worth having from the epochs before. */
  async #diverged(epoch: number, { step, what }: Divergence): Promise<UserError> {
    this.#checkpoints.write();
    await this.#end({ status: 'failed', ...noResult });
    return new UserError(
      `the ${what} is not finite in epoch ${epoch}, step ${step}: the training has diverged. ` +
        `Try a smaller optimizer.learningRate (it is ${this.#config.optimizer.learningRate}` +
        `${this.#config.loss.reduction === 'sum' ? ', on the sum over the batch' : ''}) or another initialization. ` +
        `The weights of the last checkpoint are in ${this.#path('checkpoint')}`,
      ExitCode.training,
    );
  }

  /** The record first: whatever becomes of the pictures, it is there. */
  async #end(end: EndOfRun): Promise<RunSummary> {
    const summary = this.#summarize(end);
    if (this.#epochs.length === 0) return summary;
    await this.#engine.close(); // drawing takes memory too: let the threads go first
    this.#requireClaim();
    await this.#drawCurves();
    return this.#summarize(end);
  }

  /** A picture that cannot be drawn is no more than a warning. */
  async #drawCurves(): Promise<void> {
    try {
      await writeCurves(this.#directory, this.#config, this.#epochs, (file) => this.#files.add(file));
    } catch (error) {
      this.#reporter.warning(`the curves cannot be drawn: ${(error as Error).message}`);
    }
  }

  #summarize(end: EndOfRun): RunSummary {
    this.#requireClaim();
    return writeSummary(this.#directory, {
      ...end,
      config: this.#config,
      parameters: this.#engine.network.parameterCount,
      threads: this.#threads,
      parts: this.#parts,
      epochs: this.#epochs,
      engine: { ...this.#engine.kernels },
      memory: { peakBytes: peakMemory(), samplesResident: this.#engine.memory.resident },
      numericsVersion,
      datasetKey: this.#dataset.key,
      datasetSha256: this.#fingerprint,
      files: [...this.#files],
    });
  }

  get #observed(): ObservedTraining {
    return {
      engine: this.#engine,
      dataset: this.#dataset,
      directory: this.#directory,
      hasGradients: this.#hasGradients,
    };
  }

  /** The path of a file that is about to be written. */
  #path(file: RunFile): string {
    this.#files.add(file);
    return runPath(this.#directory, file);
  }

  /** What goes into every file of weights. */
  get #metadata(): Record<string, string> {
    return {
      name: this.#config.name,
      classes: JSON.stringify(this.#dataset.classes),
      // What was done to the inputs: (x / 255 - mean[c]) / deviation[c]
      normalization: JSON.stringify(this.#dataset.normalization),
      config: JSON.stringify(this.#config),
    };
  }
}
