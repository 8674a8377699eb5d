/// <reference lib="esnext.disposable" preserve="true" />
/**
 * lockstep as a library: a model, images, `fit`, and the run that it gives. What is heavy is loaded by the function that needs it.
 * @module
 */
export type * from './config/input.js';
export type { ResolvedConfig } from './config/resolved.js';
export type { Config } from './config/schema.js';
export { ExitCode, UserError } from './errors.js';
export type { EvaluationOptions } from './evaluation/evaluate.js';
export type { EvaluatedSplit } from './evaluation/scores.js';
export type {
  BackwardPass,
  CustomLoss,
  CustomLossFactory,
  CustomOperator,
  CustomOperatorFactory,
  CustomShapes,
  ForwardPass,
  LossPass,
  Values,
} from './graph/custom-types.js';
export { ImageError, type ImageInput, type RawPixels, type RawValues } from './inference/image-input.js';
export type {
  Predicted,
  PredictedImage,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorOptions,
} from './inference/predictor.js';
export type {
  ArraySamples,
  ArraysInput,
  ArraysOptions,
  IterableOptions,
  LabelledImage,
  LabelledImages,
} from './library/arrays/input.js';
export { fromArrays, fromIterable } from './library/arrays.js';
export { checkGradients } from './library/check-gradients.js';
export { loadConfig } from './library/config.js';
export { type CustomLossOptions, type CustomOptions, custom, customLoss } from './library/custom.js';
export { Dataset } from './library/dataset.js';
export { type FolderOptions, imageFolder } from './library/datasets.js';
export { earlyStopping } from './library/early-stopping.js';
export type { EvaluateOptions, Evaluation } from './library/evaluation.js';
export { fit, resume } from './library/fit.js';
export type { FitOptions, ResumeOptions, RunningOptions } from './library/fit-options.js';
export type {
  CheckOptions,
  GradientReport,
  LayersCheck,
  LossCheck,
  OperatorCheck,
} from './library/gradients/check.js';
export { input, type Layer, type Node } from './library/graph.js';
export * from './library/layers.js';
export { graph, Model, type ModelLayers, sequential } from './library/model.js';
export { openModel } from './library/open-model.js';
export * from './library/optimizers.js';
export { openRun, Run } from './library/run.js';
export type { SummaryOptions } from './library/summary.js';
export { TrainedModel } from './library/trained-model.js';
export type { OnnxOptions } from './onnx/options.js';
export type { Answer, Callback, CheckpointReport, ObservedTraining } from './runs/callback.js';
export type { CheckpointEvery } from './runs/checkpoints.js';
export type { EarlyStoppingOptions } from './runs/early-stopping.js';
export type { EpochReport, StepReport } from './runs/reporter.js';
export type { RunSummary } from './runs/summary.js';
