import { UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import { memoryWith, sharedMemoryLimit, sharedMemoryWithin } from './memory-limit.js';
import { type MemoryPlan, type PlannedConfig, type PlannedShare, planMemory } from './memory-plan.js';
import type { StoredSamples } from './samples-plan.js';

export interface ThreadsWanted {
  /** At most so many. */
  readonly threads: number;
  /** Bytes of the shared memory that `--memory` leaves beside so many threads; undefined where nobody has asked for a limit. */
  readonly sharedBytes: number | undefined;
  /** Bytes that the process may have. */
  readonly machine: number;
  /** The part of a mini-batch that this process has, where it is one of several ranks. */
  readonly share?: PlannedShare | undefined;
}

export interface PlannedThreads {
  readonly threads: number;
  readonly plan: MemoryPlan;
}

/**
 * As many threads as there is memory for: more threads have more buffers of gradients, and whether a run starts must not depend on the
 * number of cores. The bits depend on it as little.
 * @throws UserError where the memory is not enough for one
 */
export function planThreads(
  network: Network,
  dataset: StoredSamples,
  config: PlannedConfig,
  { threads, sharedBytes, machine, share }: ThreadsWanted,
): PlannedThreads {
  const memory = sharedBytes === undefined ? undefined : memoryWith(sharedBytes, threads);
  for (let count = threads; ; count--) {
    const shared =
      count === threads || memory === undefined ? sharedBytes : sharedMemoryWithin(memory, count);
    try {
      const limit = sharedMemoryLimit(shared, count, machine);
      return { threads: count, plan: planMemory(network, dataset, config, count, limit, share) };
    } catch (error) {
      if (count === 1 || !(error instanceof UserError)) throw error;
    }
  }
}
