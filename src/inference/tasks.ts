import type { ResolvedLayer } from '../config/resolve.js';
import type { DataConfig } from '../config/schema.js';
import type { SampleFormat } from '../data/dataset.js';
import type { ImageLimits } from '../data/images/decode.js';
import type { BadOfTask } from '../data/images/image-tasks.js';
import type { Outcomes } from '../evaluation/scores.js';
import type { CompiledKernels } from '../kernels/kernels.js';
import type { ImageView } from './views.js';

/** The messages between the inference pool and its threads (`workers/infer.ts`). Pixels never travel in them. */

/** What every thread is given once. */
export interface InferenceSetup {
  readonly kernels: CompiledKernels;
  readonly layers: readonly ResolvedLayer[];
  readonly format: SampleFormat;
  /** Values of each parameter, in memory that all threads share. */
  readonly weights: readonly Float32Array[];
  /** How an image file becomes a sample. */
  readonly data: Pick<DataConfig, 'features' | keyof ImageLimits>;
  /** Those whose logits' mean decides. */
  readonly views: readonly ImageView[];
}

/** Judge samples that lie one after the other in a packed file. */
export interface JudgeTask {
  /** File descriptor; descriptors are shared by the threads of a process. */
  readonly file: number;
  /** Byte offset of the first one. */
  readonly position: number;
  /** Of each sample its label, as the model numbers classes, and the checksum that its bytes must have. */
  readonly labels: Int32Array;
  readonly checksums: Uint32Array;
}

/** What was made of each sample; or the first one whose bytes are not those that were written; or what the system has against the file. */
export type JudgeResult =
  | Pick<Outcomes, 'predicted' | 'confidence' | 'losses' | 'classesBefore'>
  | { readonly damaged: number }
  | { readonly unreadable: string };

/** Classify image files. */
export interface ClassifyTask {
  /** Paths. */
  readonly images: readonly string[];
  /** Whether no other image is decoded at the same time. */
  readonly alone: boolean;
  /** Likeliest classes to tell of each. */
  readonly top: number;
}

export interface ClassifyResult {
  /** `[images][top]`, the likeliest first; of a bad image they mean nothing. */
  readonly labels: Int32Array;
  readonly probabilities: Float32Array;
  readonly bad: readonly BadOfTask[];
}
