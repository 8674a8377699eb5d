import { rmSync } from 'node:fs';
import type { ResolvedConfig } from '../config/resolved.js';
import type { PackedDataset } from '../data/dataset.js';
import { fingerprintOf } from '../data/fingerprint.js';
import { resizeFilters } from '../data/images/resample.js';
import { writeFileWhole } from '../files/whole-file.js';
import { numericsVersion } from '../numerics/version.js';
import type { Engine } from '../runtime/engine.js';
import { type CheckpointEvery, Checkpoints } from './checkpoints.js';
import { writeCurves } from './curves.js';
import { type RunFile, runPath } from './directory.js';
import type { InitRecord } from './initial-weights.js';
import { appendMetrics, type EpochMetrics, writeMetrics } from './metrics.js';
import { peakMemory } from './peak-memory.js';
import type { Position } from './position.js';
import { appendStepLosses, keepStepLosses } from './step-losses.js';
import { type RunResult, type RunSummary, writeSummary } from './summary.js';
import { partFrom, type TrainingPart } from './training-parts.js';
import { saveWeights } from './weights.js';

/** How a run ended: what the summary cannot take from the config, the dataset and the epochs. */
export type RunOutcome = Pick<RunResult, 'status' | 'end' | 'final' | 'best' | 'weightsSha256'>;

interface RecordOptions {
  readonly config: ResolvedConfig;
  readonly dataset: PackedDataset;
  readonly engine: Engine;
  readonly directory: string;
  /** Called before each write; throws where the directory no longer belongs to this process. */
  readonly requireClaim: () => void;
  readonly init?: InitRecord | undefined;
  /** Where this part of the training begins. */
  readonly position: Position;
  /** The epochs and the parts before it. */
  readonly epochs: readonly EpochMetrics[];
  readonly parts: readonly TrainingPart[];
}

/** The files of a run, written as its training proceeds. Every write first checks the claim on the directory. */
export class RunRecord {
  readonly #options: RecordOptions;
  /** SHA-256 (hex) of the dataset. */
  readonly #fingerprint: string;
  readonly #parts: readonly TrainingPart[];
  readonly #epochs: EpochMetrics[];
  readonly #files = new Set<RunFile>(['config', 'metrics', 'stepLosses', 'log', 'checkpoint', 'summary']);

  constructor(options: RecordOptions) {
    const { position, parts, epochs, engine, dataset } = options;
    this.#options = options;
    this.#fingerprint = fingerprintOf(dataset);
    this.#parts = [...parts, partFrom(position.epoch, position.done.steps, engine)];
    this.#epochs = [...epochs];
    if (position.best !== undefined) this.#files.add('best');
  }

  /** Epochs recorded, from the first. */
  get epochs(): number {
    return this.#epochs.length;
  }

  path(file: RunFile): string {
    return runPath(this.#options.directory, file);
  }

  /** @param taken the position of the checkpoint in the directory, if there is one */
  checkpoints(every: CheckpointEvery, taken: Position | undefined): Checkpoints {
    const metadata = {
      ...this.#metadata,
      fingerprint: this.#fingerprint,
      parts: JSON.stringify(this.#parts),
    };
    const records = [this.path('metrics'), this.path('stepLosses')];
    return new Checkpoints(
      this.path('checkpoint'),
      records,
      metadata,
      this.#options.requireClaim,
      every,
      taken,
    );
  }

  /** Makes the directory's files those of a training that is at its position: later epochs and steps are dropped. */
  begin(): void {
    const { directory, config, engine, position, requireClaim } = this.#options;
    requireClaim();
    // If this fails, nothing has been changed.
    keepStepLosses(directory, position.epoch * engine.steps + position.done.steps);
    // The summary of a run that is resumed is out of date.
    rmSync(this.path('summary'), { force: true });
    // The first file of a new run (see `isUnbegun`): killed before it, the same command begins anew; after it, the run can be resumed.
    writeFileWhole(this.path('config'), `${JSON.stringify(config, null, 2)}\n`);
    writeMetrics(directory, this.#epochs);
    appendStepLosses(directory, new Float64Array(0));
  }

  /** @param losses of the steps since the last call */
  addSteps(losses: Float64Array): void {
    this.#options.requireClaim();
    appendStepLosses(this.#options.directory, losses);
  }

  addEpoch(metrics: EpochMetrics): void {
    this.#options.requireClaim();
    this.#epochs.push(metrics);
    appendMetrics(this.#options.directory, metrics);
  }

  /**
   * Saves the model as the engine has it.
   * @param after the epoch of its last step, and where the epoch was cut off, the number of its steps; else 0
   */
  saveModel(file: 'best' | 'model', after: { readonly epoch: number; readonly steps: number }): void {
    this.#options.requireClaim();
    this.#files.add(file);
    const steps = after.steps > 0 && { steps: String(after.steps) };
    saveWeights(this.path(file), this.#options.engine, {
      ...this.#metadata,
      epoch: String(after.epoch),
      ...steps,
    });
  }

  /**
   * Writes the summary and draws the curves; closes the engine.
   * @param onWarning receives why the curves could not be drawn
   */
  async end(outcome: RunOutcome, onWarning: (message: string) => void): Promise<RunSummary> {
    const { directory, config, engine, requireClaim } = this.#options;
    // Before the curves: the summary is there even if drawing them fails.
    const summary = this.#summarize(outcome);
    if (this.#epochs.length === 0) return summary;
    await engine.close(); // drawing takes memory too: the threads' is free by then
    requireClaim();
    try {
      await writeCurves(directory, config, this.#epochs, (file) => this.#files.add(file));
    } catch (error) {
      onWarning(`the curves cannot be drawn: ${(error as Error).message}`);
    }
    return this.#summarize(outcome);
  }

  #summarize(outcome: RunOutcome): RunSummary {
    const { directory, config, dataset, engine, requireClaim } = this.#options;
    requireClaim();
    return writeSummary(directory, {
      ...outcome,
      config,
      parameters: engine.network.parameterCount,
      threads: engine.threads,
      parts: this.#parts,
      epochs: this.#epochs,
      engine: { ...engine.kernels },
      memory: { peakBytes: peakMemory(), samplesResident: engine.memory.resident },
      numericsVersion,
      datasetKey: dataset.key,
      datasetSha256: this.#fingerprint,
      init: this.#options.init ?? null,
      files: [...this.#files],
    });
  }

  /** The metadata of every file of weights. */
  get #metadata(): Record<string, string> {
    const { config, dataset, init } = this.#options;
    return {
      name: config.name,
      classes: JSON.stringify(dataset.classes),
      // The inputs were normalized as (x / 255 - mean[c]) / deviation[c].
      normalization: JSON.stringify(dataset.normalization),
      // By these filters they were brought to their size.
      resize: JSON.stringify(resizeFilters),
      config: JSON.stringify(config),
      ...(init && { init: JSON.stringify(init) }),
    };
  }
}
