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
export { ExitCode, UserError } from './errors.js';
export {
  type Evaluation,
  type EvaluationOptions,
  evaluateModel,
  judgeSamples,
} from './evaluation/evaluate.js';
export { confidentlyWrong, placeOf } from './evaluation/mistakes.js';
export { type ScoreOptions, scoreDefaults, scoresOf } from './evaluation/score.js';
export type { Outcomes, Scores } from './evaluation/scores.js';
export type { Network, Parameter } from './graph/network.js';
export {
  type Classified,
  type ClassifyOptions,
  classifyImages,
} from './inference/classify.js';
export { ImageError, type ImageInput, type RawPixels } from './inference/image-input.js';
export {
  openPredictor,
  type Predicted,
  type PredictedImage,
  type Prediction,
  type PredictOptions,
  Predictor,
  type PredictorOptions,
} from './inference/predictor.js';
export { openModel, type TrainedModel, type WeightsChoice } from './inference/trained-model.js';
export { numericsVersion } from './numerics/version.js';
export { NodeEngine as Engine } from './platform/node-engine.js';
export { readCheckpoint, restore, takeSnapshot, writeCheckpoint } from './runs/checkpoint.js';
export { createRunDirectory } from './runs/directory.js';
export { createReporter } from './runs/log.js';
export type { Reporter } from './runs/reporter.js';
export { openRun, type SavedRun } from './runs/saved-run.js';
export { TrainingRun } from './runs/training.js';
export { hashWeights, readWeights, saveWeights, setWeights } from './runs/weights.js';
export type { PhaseResult, PhaseTotals } from './runtime/phase.js';
export { readSafetensors, writeSafetensors } from './tensors/safetensors.js';
