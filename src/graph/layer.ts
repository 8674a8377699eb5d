import type { Initializer } from '../config/schema.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Shape } from './shape.js';

/** A trainable tensor, named and laid out as PyTorch would. */
export interface ParameterSpec {
  /** `conv1.weight` */
  readonly name: string;
  /** conv `[out, in, kh, kw]`, dense `[out, in]`, bias `[out]` */
  readonly shape: Shape;
  readonly init: Initializer;
  /** Inputs and outputs of a unit, and the layer's input channels (dense: features), for the initializers. */
  readonly fanIn: number;
  readonly fanOut: number;
  readonly channels: number;
}

/** What a shard's forward and backward pass may depend on besides its values. Changed in place from shard to shard. */
export interface ShardContext {
  /** False for evaluation: dropout lets everything pass. */
  training: boolean;
  seed: number;
  epoch: number;
  /** Index in its split of each lane's sample, `[8]`. */
  readonly samples: Int32Array;
}

/** Where a layer finds its tensors: byte addresses in the shared memory. */
export interface Places {
  /** Values: lane groups. `y` may equal `x` where the layer allows it. */
  readonly x: number;
  readonly y: number;
  /** Gradients with respect to y and x. `dx` is 0 where nobody needs it. */
  readonly dy: number;
  readonly dx: number;
  /** Addresses of the parameters, and byte offsets of their gradients from the start of a gradient buffer. */
  readonly parameters: readonly number[];
  readonly gradients: readonly number[];
  /** The layer's constant tables, shared, and its private buffers, in the order in which it asks for them. */
  readonly tables: readonly number[];
  readonly scratch: readonly number[];
}

/** A layer tied to a worker's memory. */
export interface BoundLayer {
  /** Once a step, before its first shard: rearrange the new weights. */
  prepare?(): void;
  forward(): void;
  /**
   * From dy: the parameters' gradients, into the buffer at `gradients`, and dx.
   * @param accumulate 1 to add to what is in the buffer, 0 to replace it
   */
  backward(gradients: number, accumulate: 0 | 1): void;
}

/** A layer of a network: shapes and needs. It holds no values and no state. */
export interface Layer {
  /** Its name in messages: `conv1`, `maxPool` */
  readonly label: string;
  readonly input: Shape;
  readonly output: Shape;
  readonly parameters: readonly ParameterSpec[];
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
  /** Bytes of private buffers. */
  readonly scratch: readonly number[];
  bind(kernels: Kernels, at: Places, context: ShardContext, words: Uint32Array): BoundLayer;
}
