import type { ResolvedLayer } from '../config/resolved.js';
import type { DataConfig, LossConfig } from '../config/schema.js';
import type { SampleFormat } from '../data/dataset.js';
import type { ImageLimits } from '../data/images/decode.js';
import type { BadOfTask } from '../data/images/image-tasks.js';
import type { Outcomes } from '../evaluation/scores.js';
import type { CompiledKernels } from '../kernels/kernels.js';
import type { SentImage } from './sent-image.js';
import type { ImageView } from './views.js';

/** The messages between the inference pool and its threads (`workers/infer.ts`). */

/** Passed to every thread when it starts. */
export interface InferenceSetup {
  readonly kernels: CompiledKernels;
  readonly layers: ResolvedLayer[];
  readonly loss: LossConfig;
  readonly format: SampleFormat;
  /** Values of each parameter, in memory that all threads share. */
  readonly weights: readonly Float32Array[];
  /** How to make a sample of an image file. */
  readonly data: Pick<DataConfig, 'features' | keyof ImageLimits>;
  /** Those whose logits' mean decides. */
  readonly views: readonly ImageView[];
}

/** Judge consecutive samples of a packed file. */
export interface JudgeTask {
  /** File descriptor; descriptors are shared by the threads of a process. */
  readonly file: number;
  /** Byte offset of the first sample. */
  readonly position: number;
  /** For each sample its label, in the model's numbering, and the checksum of its bytes. */
  readonly labels: Int32Array;
  readonly checksums: Uint32Array;
}

/** The outcome of each sample; or the index of the first damaged sample; or the system's error for the file. */
export type JudgeResult =
  | Pick<Outcomes, 'predicted' | 'confidence' | 'losses' | 'classesBefore'>
  | { readonly damaged: number }
  | { readonly unreadable: string };

/** Classify images. */
export interface ClassifyTask {
  readonly images: readonly SentImage[];
  /** Whether no other image is decoded at the same time. */
  readonly alone: boolean;
  /** Number of classes per image. */
  readonly top: number;
  readonly logits: boolean;
}

export interface ClassifyResult {
  /** `[images][top]`, the most probable first. Meaningless for a bad image. */
  readonly labels: Int32Array;
  readonly probabilities: Float32Array;
  /** `[images][classes]`, in label order; only where the task wants them. */
  readonly logits?: Float32Array;
  readonly bad: readonly BadImage[];
}

export interface BadImage extends BadOfTask {
  /** Whether the reason would be the same if nothing else were decoded at the same time. */
  readonly final: boolean;
}
