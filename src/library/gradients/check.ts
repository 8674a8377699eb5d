import type { ModelInput } from '../../config/input.js';
import type { CustomLossFactory, CustomOperatorFactory } from '../../graph/custom-types.js';
import type { Shape } from '../../graph/shape.js';
import type { Model } from '../model.js';

/** Options of every kind of `checkGradients`. */
export interface CheckOptions {
  /** Of the random inputs, parameters and gradients; 1 unless it is given. */
  readonly seed?: number;
  /** Random samples; 3 unless it is given. */
  readonly samples?: number;
  /** Values of each tensor that are checked, at most, evenly spread; 200 unless it is given. */
  readonly most?: number;
  /**
   * Of what own code is called with; float64 unless it is given. Float32 is for code that cannot do with Float64Array: the differences are
   * then rough. Layers run on kernels of float32.
   */
  readonly precision?: 'float64' | 'float32';
  /** Largest error that passes; 1e-5 in float64, 3e-2 in float32 unless it is given. */
  readonly tolerance?: number;
  /** Whether to throw a UserError with the message where it does not pass. */
  readonly throws?: boolean;
}

/** An own operator, by its factory. Shapes are of one sample. */
export interface OperatorCheck extends CheckOptions {
  // biome-ignore lint/suspicious/noExplicitAny: a factory of any options and parameters
  readonly operator: CustomOperatorFactory<any, any>;
  readonly options?: unknown;
  /** `[8]` or `[3, 4, 4]`; of several inputs, a list of shapes. */
  readonly input: Shape | readonly Shape[];
  /** By default as the first input. */
  readonly outShape?: 'same' | Shape;
  readonly parameters?: Readonly<Record<string, Shape>>;
}

/** An own loss, by its factory. */
export interface LossCheck extends CheckOptions {
  // biome-ignore lint/suspicious/noExplicitAny: a factory of any options
  readonly loss: CustomLossFactory<any>;
  readonly options?: unknown;
  readonly classes: number;
}

/** A model, or a config's `model` or layers, with own layers in it or not. */
export interface LayersCheck extends CheckOptions {
  readonly layers: Model | ModelInput | ModelInput['layers'];
  /** Shape of a sample. */
  readonly input: Shape;
  /** What `"classes"` stands for; 5 unless it is given. */
  readonly classes?: number;
}

export interface GradientReport {
  /** Whether every gradient agrees, and own code keeps to what is asked of it. */
  readonly passed: boolean;
  /**
   * The largest of |gradient - difference|, as far as rounding does not explain it, relative to the larger of both and to the tensor's root
   * mean square: 0 where rounding explains them all.
   */
  readonly error: number;
  readonly tolerance: number;
  /** Where it is, and what was found; undefined where nothing was compared. */
  readonly worst:
    | { readonly place: string; readonly gradient: number; readonly difference: number }
    | undefined;
  /** Values that were compared. */
  readonly compared: number;
  /** What else is wrong, a sentence each: it threw, wrote where it may only read, kept something between two calls. */
  readonly faults: readonly string[];
  /** All of this in words. */
  readonly message: string;
}
