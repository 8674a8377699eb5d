import type { MemoryPlan } from '../compile/memory-plan.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { PackedDataset, SampleFormat } from '../data/dataset.js';
import type { UserError } from '../errors.js';
import type { CustomCode } from '../graph/custom-code.js';
import type { CompiledKernels, SharedMemory } from '../kernels/kernels.js';
import type { Share } from './batch.js';
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
  /** Only while a profile looks on: each worker's memory for its trace, see `profile/recorder.ts`. */
  readonly trace?: readonly SharedArrayBuffer[];
  /** Where samples do not all stay in memory: the dataset that they are read from. */
  readonly streamed?: PackedDataset;
  /** Where this process is one of several ranks. */
  readonly ranks?: RanksSetup;
  /** Own operators and losses: each thread loads them for itself, since functions cannot be sent. */
  readonly code?: CustomCode;
}

/** How the ranks of a training reach each other, for the coordinators. */
export interface RanksSetup extends Share {
  /** Host names, `[ranks]`. */
  readonly hosts: readonly string[];
  /** Time after which a rank that has sent nothing is given up, ms. */
  readonly timeout: number;
  /** Whether there are more threads than cores on this host, of all its ranks: then nobody spins who waits for another rank. */
  readonly isCrowded: boolean;
  /** What the platform makes a transport of, on the coordinator's thread. */
  readonly transport: unknown;
}

/** What a thread is handed for a phase: the number of a worker; 0 is the coordinator. */
export interface WorkerTask {
  readonly worker: number;
  readonly phase: Phase;
}

/** What a worker's part of a phase ends with. */
export interface WorkerResult {
  /** The coordinator's. */
  readonly result?: PhaseResult;
  /**
   * What is wrong with the packed file, if anything is. The thread that found it has cancelled the phase, so that all workers end at once.
   */
  readonly fault?: LoadFault;
}

/** What is wrong with the packed file, as it crosses from a thread to the main one. */
export type LoadFault = Pick<UserError, 'message' | 'exitCode'>;
