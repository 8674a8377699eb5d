/** lockstep as a library: the parts of `lockstep train`, `evaluate` and `predict`, to be put together by a program. */
export { loadConfig, parseConfig } from './config/load.js';
export {
  type CompleteConfig,
  completeConfig,
  type ResolvedConfig,
  resolveConfig,
  withClasses,
} from './config/resolve.js';
export type { Config, ConfigInput } from './config/schema.js';
export type { PackedDataset, SplitName } from './data/dataset.js';
export { type OpenOptions, openDataset } from './data/open.js';
export { readCheckpoint, restore, takeSnapshot, writeCheckpoint } from './engine/checkpoint.js';
export { Engine } from './engine/engine.js';
export { numericsVersion } from './engine/numerics.js';
export type { PhaseResult, PhaseTotals } from './engine/phase.js';
export { hashWeights, readWeights, saveWeights, setWeights } from './engine/weights.js';
export { ExitCode, UserError } from './errors.js';
export {
  type Evaluation,
  type EvaluationOptions,
  evaluateModel,
  judgeSamples,
} from './evaluation/evaluate.js';
export { type ScoreOptions, scoreDefaults } from './evaluation/options.js';
export { scoresOf } from './evaluation/score.js';
export type { Outcomes, Scores } from './evaluation/scores.js';
export { confidentlyWrong, placeOf } from './evaluation/wrong.js';
export {
  type Classified,
  type ClassifyOptions,
  classifyImages,
  type Prediction,
} from './inference/classify.js';
export { openModel, type TrainedModel, type WeightsChoice } from './inference/trained-model.js';
export type { Network, Parameter } from './model/network.js';
export { createRunDirectory } from './run/directory.js';
export { createReporter } from './run/log.js';
export type { Reporter } from './run/reporter.js';
export { openRun, type SavedRun } from './run/saved-run.js';
export { TrainingRun } from './run/training.js';
export { readSafetensors, writeSafetensors } from './tensors/safetensors.js';
