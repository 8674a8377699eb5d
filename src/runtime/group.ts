import type { PlannedShare } from '../compile/memory-plan.js';
import type { RanksSetup } from './setup.js';

/** One of the ranks. */
export interface RankMember {
  readonly host: string;
  readonly threads: number;
}

/**
 * The ranks of a training, as the main thread of one of them sees them. While a phase runs, the coordinators alone talk to each other. All
 * ranks make these calls in the same order; messages are what JSON can hold.
 */
export interface Group {
  readonly setup: RanksSetup;
  /** `[ranks]` */
  readonly members: readonly RankMember[];
  /** What carries their messages, in words. */
  readonly carrier: string;
  /**
   * What rank 0 is given, on all ranks.
   * @throws UserError (exit code environment) where nothing comes for too long
   */
  broadcast<T>(message?: T): Promise<T>;
  /** What each rank is given, on all ranks, `[ranks]`. As `broadcast`. */
  gather<T>(message: T): Promise<T[]>;
  /** Bytes at an address of the shared memory, rank 0's on all ranks. As `broadcast`. */
  broadcastMemory(buffer: SharedArrayBuffer, address: number, bytes: number): Promise<void>;
  /** A phase begins: the coordinators talk. One that fails, on any rank, ends all of them. */
  beginPhase(): void;
  endPhase(): void;
  /** Whether the ranks still go along with each other: no phase and none of these calls has failed. */
  readonly isWhole: boolean;
}

/** A rank's part of its machine's memory, bytes: ranks on one host share it. */
export function memoryOf(memory: number, group: Group | undefined): number {
  if (group === undefined) return memory;
  const { hosts, rank } = group.setup;
  return Math.floor(memory / hosts.filter((host) => host === hosts[rank]).length);
}

/** Threads of all of them. */
export const threadsOf = (members: readonly RankMember[]): number =>
  members.reduce((sum, { threads }) => sum + threads, 0);

/** The part of a mini-batch that this rank has. */
export const shareOf = ({ setup: { rank, ranks }, members }: Group): PlannedShare => ({
  rank,
  ranks,
  threads: threadsOf(members),
});
