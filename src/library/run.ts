import type { ResolvedConfig } from '../config/resolved.js';
import type { EvaluatedSplit } from '../evaluation/scores.js';
import type { WeightsChoice } from '../inference/trained-model.js';
import type { EpochMetrics } from '../runs/metrics.js';
import type { SavedRun } from '../runs/saved-run.js';
import type { RunSummary } from '../runs/summary.js';
import type { EvaluateOptions, Evaluation } from './evaluation.js';
import { pathOf } from './path.js';
import type { TrainedModel } from './trained-model.js';

/** A run, as its directory holds it. */
export class Run {
  readonly #saved: SavedRun;
  /** The weights that were best on validation, unless `openRun` was asked for others. */
  readonly model: TrainedModel;

  /** @internal */
  constructor(saved: SavedRun, model: TrainedModel) {
    this.#saved = saved;
    this.model = model;
  }

  get directory(): string {
    return this.#saved.directory;
  }

  /** Complete, with every default. */
  get config(): ResolvedConfig {
    return this.#saved.config;
  }

  /** The metrics of each epoch. */
  get epochs(): readonly EpochMetrics[] {
    return this.#saved.epochs;
  }

  /** What `summary.json` holds; undefined of a run that has not ended. */
  get summary(): RunSummary | undefined {
    return this.#saved.summary;
  }

  /**
   * @param split of the run's dataset, or of `data`
   * @throws UserError where the images are no longer there
   */
  async evaluate(split: EvaluatedSplit = 'test', options: EvaluateOptions = {}): Promise<Evaluation> {
    const { evaluateRun } = await import('./evaluate.js');
    return evaluateRun(this.#saved, this.model.opened, split, options);
  }

  /** Writes the run's page, `report.html`; returns its path. */
  async report(): Promise<string> {
    const { reportRun } = await import('./report.js');
    return reportRun(this.#saved);
  }

  /** Closes the model's threads. */
  close(): Promise<void> {
    return this.model.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * The run in a directory that a training has written, here or by the command.
 * @throws UserError where there is none, or it has no such weights
 */
export async function openRun(
  directory: string | URL,
  options: { readonly weights?: WeightsChoice } = {},
): Promise<Run> {
  const [{ requireOptions }, saved, opened, { TrainedModel }] = await Promise.all([
    import('./check-options.js'),
    import('../runs/saved-run.js'),
    import('../inference/trained-model.js'),
    import('./trained-model.js'),
  ]);
  requireOptions('openRun', options);
  const run = saved.openRun(pathOf(directory, 'openRun', 'directory'));
  return new Run(run, new TrainedModel(opened.modelOfRun(run, options.weights ?? 'best')));
}
