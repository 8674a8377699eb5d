import type { ResolvedConfig } from '#lockstep/config/resolved.js';

/** What a program is told when it starts, as JSON in its first argument. */
export interface Job {
  /** The network, the batch and the optimizer; the loss is the mean cross entropy. Programs build their networks from its layers. */
  readonly config: ResolvedConfig;
  readonly classes: number;
  /** Whether an epoch trains, or only evaluates. */
  readonly training: boolean;
  /** Samples of the dataset, which each program makes itself: noise of the features' type and shape. */
  readonly samples: number;
  /** What each peer's program may be told besides: see contestants.ts. */
  readonly options: ProgramOptions;
}

export interface ProgramOptions {
  readonly threads?: number;
  /** PyTorch: images as [N, 3, 32, 32], or with the channels innermost. */
  readonly layout?: 'NCHW' | 'NHWC';
  /** PyTorch: processes that share each batch, by DistributedDataParallel. */
  readonly processes?: number;
  /** lockstep's command: how mpirun is called, or nothing for one process without it. */
  readonly launcher?: readonly string[];
  /** TensorFlow.js. */
  readonly backend?: 'cpu' | 'wasm';
  /** TensorFlow.js and jax-js: the folder whose node_modules has them. */
  readonly nodePeers?: string;
}

/** What a program says first, as one line of JSON on its standard output. */
export type Greeting =
  | { readonly kind: 'ready'; readonly version: string; readonly note?: string }
  | { readonly kind: 'missing' | 'unable'; readonly reason: string };

/**
 * Then it reads lines with a number of samples, and answers each with an epoch over so many of them. lockstep's epochs are
 * always over the whole dataset, since that is what its Engine does.
 */
export interface Epoch {
  readonly samples: number;
  readonly seconds: number;
  /** Mean over the samples, nats: a check that all of it was done. */
  readonly loss: number;
}
