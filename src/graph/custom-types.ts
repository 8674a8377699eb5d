import type { Shape } from './shape.js';

/**
 * What an own operator and an own loss are: plain functions of one sample, on typed arrays. A module exports a factory of them, and a
 * config names the module: docs/own-layers.md.
 */

/**
 * A sample's tensor, flat: `[channels, height, width]` row by row, or `[features]`. Float32 in a training, Float64 where `checkGradients`
 * calls.
 */
export type Values = Float32Array | Float64Array;

/** Shapes of one sample's tensors, as the config has them. @template P names of the parameters */
export interface CustomShapes<P extends string = string> {
  /** Of the first input. */
  readonly input: Shape;
  readonly inputs: readonly Shape[];
  readonly output: Shape;
  readonly parameters: Readonly<Record<P, Shape>>;
}

/** What a forward pass of one sample reads and writes. The arrays are this call's: the next one finds other values in them. */
export interface ForwardPass<P extends string = string> {
  /** The first input; most operators have one. */
  readonly input: Values;
  readonly inputs: readonly Values[];
  /** To be written; zeros at first. */
  readonly output: Values;
  readonly parameters: Readonly<Record<P, Values>>;
  /** False in evaluations and predictions. */
  readonly training: boolean;
  /**
   * The next of a sequence of numbers in [0, 1) that is a function of (seed, layer, epoch, sample). Forward and backward begin it anew,
   * so both draw the same numbers. Throws where `training` is false.
   */
  readonly random: () => number;
}

/** What a backward pass of one sample reads and writes: all of its forward pass, and the gradients of the loss. */
export interface BackwardPass<P extends string = string> extends ForwardPass<P> {
  /** Of `output`. */
  readonly outputGradient: Values;
  /** Of the first input. To be written, as all that follows; zeros at first. */
  readonly inputGradient: Values;
  readonly inputGradients: readonly Values[];
  /** This sample's alone: the samples are added up by the caller, in their order. */
  readonly parameterGradients: Readonly<Record<P, Values>>;
}

/**
 * An own operator. Its passes are functions of what they are given: `backward` may run on another thread than `forward`, so nothing may
 * be kept from one for the other. They return nothing, and no promise.
 */
export interface CustomOperator<P extends string = string> {
  forward(pass: ForwardPass<P>): void;
  backward(pass: BackwardPass<P>): void;
}

/** What a module exports for a layer of type `custom`. Called once a thread. @param options those of the config's layer */
export type CustomOperatorFactory<Options = Record<string, unknown>, P extends string = string> = (
  options: Options,
  shapes: CustomShapes<P>,
) => CustomOperator<P>;

/** What an own loss reads and writes, of one sample. */
export interface LossPass {
  /** `[classes]`, before any softmax. */
  readonly logits: Values;
  /** Number of the sample's class. */
  readonly label: number;
  /** Of the loss with respect to each logit. To be written; zeros at first. */
  readonly gradient: Values;
  /** False in evaluations. */
  readonly training: boolean;
}

/** An own loss: returns a sample's loss, a finite number. Weights of classes and shares of mixed images are the caller's to multiply by. */
export type CustomLoss = (pass: LossPass) => number;

/** What a module exports for a loss of type `custom`. Called once a thread. */
export type CustomLossFactory<Options = Record<string, unknown>> = (
  options: Options,
  about: { readonly classes: number },
) => CustomLoss;
