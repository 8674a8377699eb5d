import type { Initializer } from '../config/schema.js';
import type { Kernels } from '../kernels/kernels.js';
import type { CustomCode } from './custom-code.js';
import type { Shape } from './shape.js';

/** A trainable tensor, named and laid out as PyTorch would. */
export interface ParameterSpec {
  /** `conv1.weight` */
  readonly name: string;
  /** conv `[out, in, kh, kw]`, dense `[out, in]`, bias and norms `[out]` */
  readonly shape: Shape;
  readonly init: Initializer;
  /** Inputs and outputs of a unit, and the layer's input channels (dense: features), for the initializers. */
  readonly fanIn: number;
  readonly fanOut: number;
  readonly channels: number;
  /** Whether each of its values is for one value or channel, as a norm's are: then it is no filter, whatever its shape. */
  readonly isElementwise?: true;
  /** Whether it is an own operator's: then nobody knows what its dimensions are. */
  readonly isCustom?: true;
}

/** Whether a parameter is the weights of a convolution or a dense layer: of each output, a weight for each of its inputs. */
export const isFilter = ({ shape, isElementwise }: Pick<ParameterSpec, 'shape' | 'isElementwise'>): boolean =>
  shape.length > 1 && isElementwise !== true;

/** A tensor that a step changes and that is not trained, such as running statistics; named as PyTorch would. */
export interface StateSpec {
  /** `bn1.running_mean` */
  readonly name: string;
  readonly shape: Shape;
  /** Of all its values, before the first step. */
  readonly initial: number;
}

/** A private buffer of an operator. Zero at first; nobody else writes to it. */
export interface Scratch {
  readonly bytes: number;
  /** Whether the backward pass reads what the forward pass of the same micro-batch left in it. */
  readonly isSaved: boolean;
  /** Whether the backward pass alone uses it: an evaluation has none, and its address there is 0. */
  readonly isBackward: boolean;
}

export const scratch = (bytes: number): Scratch => ({ bytes, isSaved: false, isBackward: false });
export const savedScratch = (bytes: number): Scratch => ({ bytes, isSaved: true, isBackward: false });
export const backwardScratch = (bytes: number): Scratch => ({ bytes, isSaved: false, isBackward: true });

/** What a micro-batch's pass may depend on besides its values. Changed in place from one to the next. */
export interface RunContext {
  /** False for evaluation: dropout lets everything pass. */
  training: boolean;
  seed: number;
  epoch: number;
  /** The sampler's key of each lane's sample, `[8]`: what is random of a sample is a function of it. */
  samples: Int32Array;
  /** Samples of the micro-batch, 1 to 8, and of the whole mini-batch. */
  count: number;
  batchSamples: number;
  /** What own operators need. */
  readonly code?: CustomCode | undefined;
}

/** Where an operator finds its tensors: byte addresses in the shared memory. */
export interface Places {
  /** Values: lane groups. `y` may equal `x` where the operator allows it. */
  readonly x: number;
  readonly y: number;
  /** Gradients with respect to y and x. `dx` is 0 where nobody needs it. */
  readonly dy: number;
  readonly dx: number;
  /** Of an operator of several inputs: each one's value, and its gradient; `x` and `dx` are the first. */
  readonly xs: readonly number[];
  readonly dxs: readonly number[];
  /** Addresses of the parameters, and byte offsets of their gradients from the start of a buffer of sums. */
  readonly parameters: readonly number[];
  readonly gradients: readonly number[];
  /** Address of a buffer laid out as the parameters are: of those that a batch norm is folded into. */
  readonly folded: number;
  /** Whether the parameters are not trained: then the backward pass gives dx alone. */
  readonly isFrozen: boolean;
  /** Addresses of the state, and the byte offset of the batch statistics in a buffer of sums. */
  readonly state: readonly number[];
  readonly statistics: number;
  /** The operator's constant tables, shared, and its private buffers, in the order in which it asks for them. */
  readonly tables: readonly number[];
  readonly scratch: readonly number[];
}

/** An operator bound to the memory of a worker and of one micro-batch. */
export interface BoundOperator {
  /** Once an evaluation, by the coordinator alone: fold a batch norm into parameters that all workers read. See `fold.ts`. */
  fold?(): void;
  /** Once a step and worker, and once an evaluation, before its first micro-batch: repack the weights, or read running statistics. */
  prepare?(): void;
  forward(): void;
  /**
   * From dy: the parameters' gradients, into the buffer of sums, and dx; of an operator with batch statistics no dx yet.
   * @param sums address of the buffer
   * @param accumulate 1 to add to what is in it, 0 to replace it
   */
  backward(sums: number, accumulate: 0 | 1): void;
  /** The part of an operator that needs sums over the whole mini-batch. */
  readonly batch?: BatchPasses;
}

/**
 * Passes of an operator with batch statistics. Each micro-batch adds its part to a buffer of sums; when the stage is all-reduced, each
 * worker reads the mini-batch's sums from `root` before its first micro-batch of the next stage.
 */
export interface BatchPasses {
  /** Before `forward`: this micro-batch's statistics of x. `sums` and `accumulate` as in `backward`. */
  statistics(sums: number, accumulate: 0 | 1): void;
  /** Once a step and worker, before the first `forward`: read the whole mini-batch's statistics. */
  useStatistics(sums: number): void;
  /** Once a step and worker, before the first `inputGradient`: read the whole mini-batch's gradients of the parameters. */
  useGradients(sums: number): void;
  /** After `backward` of all micro-batches: dx. */
  inputGradient(): void;
  /** Once a step, by the coordinator, after its last stage: running statistics take in the mini-batch's. */
  updateState(sums: number): void;
}

/** An operator: shapes, parameters, and what memory it needs. It holds no values: `bind` ties it to where they lie. */
export interface Operator {
  /** Its name in messages: `conv1`, `maxPool` */
  readonly label: string;
  /** Shape of the first input; several have the same, but for a concat's channels. */
  readonly input: Shape;
  readonly output: Shape;
  readonly parameters: readonly ParameterSpec[];
  readonly state?: readonly StateSpec[];
  /** How many float64 sums over the mini-batch its forward pass needs in training; if any, it has `batch` passes. */
  readonly batchStatistics?: number;
  /** Whether each output, or channel of it, is a filter times x plus a bias, if it has one: its parameters. `fold.ts` says what for. */
  readonly isLinear?: true;
  /** Of a batch norm (parameters: scale and shift; state: mean and variance): what an evaluation adds to the variance. */
  readonly runningNorm?: { readonly epsilon: number };
  /** Multiply-adds of one sample's forward pass. */
  readonly multiplyAdds: number;
  /** Whether y is x itself under another shape: nothing is written, forward or backward. */
  readonly isView: boolean;
  /** Whether y may take x's place, and dx that of dy. */
  readonly forwardInPlace: boolean;
  readonly backwardInPlace: boolean;
  /** Whether the backward pass reads x, or y: then nobody may overwrite it. */
  readonly backwardReads: { readonly x: boolean; readonly y: boolean };
  /** Contents of constant tables. */
  readonly tables: readonly Uint32Array[];
  readonly scratch: readonly Scratch[];
  bind(kernels: Kernels, at: Places, context: RunContext, words: Uint32Array): BoundOperator;
}

/** What most operators are: without parameters, and nothing in place. What the backward pass reads, each says itself: a wrong default would be a wrong gradient. */
export const plainOperator = {
  parameters: [],
  multiplyAdds: 0,
  isView: false,
  forwardInPlace: false,
  backwardInPlace: false,
  tables: [],
  scratch: [],
} satisfies Partial<Operator>;
