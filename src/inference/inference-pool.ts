import { useCores } from '../data/images/image-pool.js';
import { compileKernels } from '../platform/kernels.js';
import { ThreadPool } from '../platform/pool.js';
import type { ClassifyResult, ClassifyTask, InferenceSetup, JudgeResult, JudgeTask } from './tasks.js';
import type { TrainedModel } from './trained-model.js';
import { type Tta, viewsOf } from './views.js';

/** Threads that run a model. Close the pool after use. */
export interface InferencePool {
  judge(task: JudgeTask): Promise<JudgeResult>;
  classify(task: ClassifyTask): Promise<ClassifyResult>;
  /** Makes `minThreads` threads ready to classify. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

/** Tasks per thread at once: one goes on while the other waits for sharp. */
const tasksPerThread = 2;

/**
 * @param threads largest number of threads
 * @param minThreads threads that start at once; the others start when there are tasks for them. All stay.
 * @throws UserError (exit code usage) for test-time augmentation of what is no image
 */
export function openInferencePool(
  model: TrainedModel,
  threads: number,
  tta: Tta = 'none',
  minThreads = 1,
): InferencePool {
  const { config, format } = model;
  const views = viewsOf(tta, format);
  useCores(threads);
  const setup: InferenceSetup = {
    kernels: compileKernels().kernels,
    layers: config.model.layers,
    loss: config.loss,
    format,
    weights: model.weights.map(shared),
    data: config.data,
    views,
  };
  const pool = new ThreadPool({
    worker: 'infer',
    workerData: setup,
    minThreads,
    maxThreads: threads,
    tasksPerThread,
    // A blocking wait would keep the thread from noticing that sharp has finished.
    blocks: false,
  });
  return {
    judge: (task) => pool.run(task, 'judge'),
    classify: (task) => pool.run(task, 'classify'),
    // Each goes to the thread with the fewest tasks, so to another one.
    warm: async () => {
      await Promise.all(Array.from({ length: minThreads }, () => pool.run(undefined, 'warm')));
    },
    close: () => pool.close(),
  };
}

/** A float32 copy in memory that threads share. */
function shared(values: ArrayLike<number>): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.length * 4));
  copy.set(values);
  return copy;
}
