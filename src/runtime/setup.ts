import type { MemoryPlan } from '../compile/memory-plan.js';
import type { ResolvedConfig } from '../config/resolve.js';
import type { PackedDataset, SampleFormat } from '../data/dataset.js';
import type { UserError } from '../errors.js';
import type { CompiledKernels, SharedMemory } from '../kernels/kernels.js';
import type { Phase, PhaseResult } from './phase.js';

/** What every thread of the pool is given once. */
export interface WorkerSetup {
  readonly kernels: CompiledKernels;
  readonly memory: SharedMemory;
  readonly plan: MemoryPlan;
  readonly config: ResolvedConfig;
  readonly format: SampleFormat;
  readonly threads: number;
  readonly cores: number;
  /** Only while a profile looks on: each rank's memory for its trace, see `profile/recorder.ts`. */
  readonly trace?: readonly SharedArrayBuffer[];
  /** Where samples do not all stay in memory: the dataset that they are read from. */
  readonly streamed?: PackedDataset;
}

/** What a thread is handed for a phase. Rank 0 is the coordinator. */
export interface WorkerTask {
  readonly rank: number;
  readonly phase: Phase;
}

/** What a rank's part of a phase ends with. */
export interface WorkerResult {
  /** The coordinator's. */
  readonly result?: PhaseResult;
  /**
   * What is wrong with the packed file, if anything is. The thread that found it has cancelled the phase, so that all ranks end at once.
   */
  readonly fault?: LoadFault;
}

/** What is wrong with the packed file, as it crosses from a thread to the main one. */
export type LoadFault = Pick<UserError, 'message' | 'exitCode'>;
