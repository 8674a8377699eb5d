import { closeSync, openSync } from 'node:fs';
import { evaluationBatchOf } from '../compile/memory-plan.js';
import { bytesOfSample, type PackedDataset, type SplitName, splitNames } from '../data/dataset.js';
import { damaged, dataError } from '../data/faults.js';
import { readChecksums } from '../data/packed/checksums.js';
import { forEachQueued } from '../data/queue.js';
import { openStored } from '../data/stored.js';
import { ExitCode, UserError } from '../errors.js';
import { type InferencePool, openInferencePool } from '../inference/inference-pool.js';
import type { TrainedModel } from '../inference/trained-model.js';
import type { Tta } from '../inference/views.js';
import { lanes } from '../kernels/kernels.js';
import { defaultThreads } from '../platform/threads.js';
import { totalsOf } from '../runtime/metrics.js';
import { mapClasses } from './class-map.js';
import type { EvaluatedSplit, Outcomes } from './scores.js';

export interface JudgeOptions {
  /** By default the machine's parallelism. Does not change the result. */
  readonly threads?: number | undefined;
  /** Test-time augmentation. By default none: the losses are then, to the bit, those of an evaluation while training. */
  readonly tta?: Tta | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Samples per task: enough to make a message's cost negligible, few enough that all threads end at about the same time. */
const samplesPerTask = 8 * lanes;

/**
 * Runs a model on each sample of a packed dataset. The dataset must have the features of the model's config (see `openDataset`). The
 * model's normalization is used, not the dataset's. `scoresOf` computes scores from the outcomes.
 * @throws UserError (exit code data) where the classes are not the model's, the split is empty, or the packed file is damaged
 */
export async function judgeSamples(
  model: TrainedModel,
  dataset: PackedDataset,
  split: EvaluatedSplit,
  { threads = defaultThreads(), tta, onProgress }: JudgeOptions = {},
): Promise<Outcomes> {
  const { numbers } = mapClasses(model.classes, dataset.classes);
  const parts = (split === 'all' ? splitNames : [split]).map((name) => ({
    split: name,
    samples: dataset.splits[name].samples,
  }));
  const samples = parts.reduce((sum, part) => sum + part.samples, 0);
  if (samples === 0) throw dataError(`there is no ${split} image to evaluate`);
  const pool = openInferencePool(model, Math.min(threads, Math.ceil(samples / samplesPerTask)), tta);
  try {
    const results: PartOutcomes[] = [];
    let before = 0;
    for (const part of parts) {
      const report = (done: number) => onProgress?.(before + done, samples);
      results.push(await judgePart(pool, dataset, part.split, numbers, report, 2 * threads));
      before += part.samples;
    }
    const whole = results.length === 1 ? results[0]! : concatenated(results, samples);
    return requireFinite(
      { split, parts, classes: model.classes, ...whole, loss: whole.loss / samples },
      model,
    );
  } finally {
    await pool.close();
  }
}

/** The outcomes of one split. Here `loss` is the sum over the samples. */
type PartOutcomes = Pick<
  Outcomes,
  'labels' | 'predicted' | 'confidence' | 'losses' | 'classesBefore' | 'loss'
>;

async function judgePart(
  pool: InferencePool,
  dataset: PackedDataset,
  split: SplitName,
  numbers: Int32Array,
  onProgress: (done: number) => void,
  tasks: number,
): Promise<PartOutcomes> {
  const labels = labelsOf(dataset, split).map((label) => numbers[label]!);
  const checksums = readChecksums(dataset, split);
  const outcomes = noOutcomes(labels);
  const sampleBytes = bytesOfSample(dataset);
  const { samplesOffset } = dataset.splits[split];
  const firsts = Array.from(
    { length: Math.ceil(labels.length / samplesPerTask) },
    (_, i) => i * samplesPerTask,
  );
  let done = 0;
  const file = openSync(dataset.path, 'r');
  try {
    await forEachQueued(firsts, tasks, async (first) => {
      const end = Math.min(first + samplesPerTask, labels.length);
      const result = await pool.judge({
        file,
        position: samplesOffset + first * sampleBytes,
        labels: labels.slice(first, end),
        checksums: checksums.slice(first, end),
      });
      if ('unreadable' in result) {
        throw new UserError(`${dataset.path}: cannot be read: ${result.unreadable}`, ExitCode.environment);
      }
      if ('damaged' in result) throw dataError(damaged(dataset.path, split, first + result.damaged));
      outcomes.predicted.set(result.predicted, first);
      outcomes.confidence.set(result.confidence, first);
      outcomes.losses.set(result.losses, first);
      outcomes.classesBefore.set(result.classesBefore, first);
      done += end - first;
      onProgress(done);
    });
  } finally {
    closeSync(file);
  }
  const { loss } = totalsOf(outcomes.losses, outcomes.classesBefore, evaluationBatchOf(dataset));
  return { ...outcomes, loss };
}

function labelsOf(dataset: PackedDataset, split: SplitName): Int32Array {
  const stored = openStored(dataset, split);
  stored.close();
  return stored.labels;
}

const noOutcomes = (labels: Int32Array) => ({
  labels,
  predicted: new Int32Array(labels.length),
  confidence: new Float32Array(labels.length),
  losses: new Float32Array(labels.length),
  classesBefore: new Int32Array(labels.length),
});

function concatenated(results: readonly PartOutcomes[], samples: number): PartOutcomes {
  const all = noOutcomes(new Int32Array(samples));
  let at = 0;
  let loss = 0;
  for (const result of results) {
    for (const name of ['labels', 'predicted', 'confidence', 'losses', 'classesBefore'] as const) {
      all[name].set(result[name], at);
    }
    at += result.labels.length;
    loss += result.loss;
  }
  return { ...all, loss };
}

/** Throws a UserError where a loss is not finite: no score would be valid. */
function requireFinite(outcomes: Outcomes, { path }: TrainedModel): Outcomes {
  if (Number.isFinite(outcomes.loss)) return outcomes;
  throw new UserError(
    `${path}: the loss of sample ${outcomes.losses.findIndex((loss) => !Number.isFinite(loss))} is not finite; train with a smaller optimizer.learningRate`,
    ExitCode.training,
    { path },
  );
}
