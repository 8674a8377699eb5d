import type { Control } from './control.js';
import type { MemoryPlan } from './memory-plan.js';
import type { Phase } from './phase.js';
import { stepsOf } from './phase.js';

const Word = {
  /** The next batch to read. */
  next: 0,
  /** Batches whose place may be taken again. */
  freed: 16,
  /** Rung when a batch has been read. */
  bell: 32,
} as const;
/** A sleeper looks up this often, for a phase that ended, ms. */
const nap = 50;

/**
 * Samples on their way from the file to the workers: a ring of batches, filled ahead by the loaders, emptied by the steps.
 * Batch b of the phase has place b mod `places`.
 */
export class Ring {
  readonly #words: Int32Array;
  /** Of each place: the number of the batch that is there, plus 1. */
  readonly #flags: Int32Array;
  readonly #control: Control;
  readonly #plan: MemoryPlan;

  constructor(buffer: SharedArrayBuffer, plan: MemoryPlan, control: Control) {
    this.#words = new Int32Array(buffer, plan.ringWords, 48);
    this.#flags = new Int32Array(buffer, plan.ringFlags, plan.ring.samples);
    this.#control = control;
    this.#plan = plan;
  }

  /** Before a phase, while no thread is at work. */
  reset(): void {
    this.#words.fill(0);
    this.#flags.fill(0);
  }

  /** Whether a phase has samples that pass through here. */
  serves({ split, samples }: Phase): boolean {
    return this.#plan.splits[split].resident < samples;
  }

  /** Batches that there is room for. */
  places(phase: Phase): number {
    return Math.floor(this.#plan.ring.samples / phase.batchSize);
  }

  /** Loader: the next batch to read, once there is a place for it; -1 when there is none left, or the phase has ended. */
  takeBatch(phase: Phase): number {
    const batch = Atomics.add(this.#words, Word.next, 1);
    if (batch >= stepsOf(phase)) return -1;
    const places = this.places(phase);
    for (;;) {
      const freed = Atomics.load(this.#words, Word.freed);
      if (batch < freed + places) return batch;
      if (this.#control.hasEnded) return -1;
      Atomics.wait(this.#words, Word.freed, freed, nap);
    }
  }

  /** Loader: a batch has been read. */
  put(batch: number, phase: Phase): void {
    Atomics.store(this.#flags, batch % this.places(phase), batch + 1);
    Atomics.add(this.#words, Word.bell, 1);
    Atomics.notify(this.#words, Word.bell);
  }

  /** Coordinator: wait for a batch. False if the phase was called off. */
  await(batch: number, phase: Phase): boolean {
    const place = batch % this.places(phase);
    for (;;) {
      const rung = Atomics.load(this.#words, Word.bell);
      if (Atomics.load(this.#flags, place) === batch + 1) return true;
      if (this.#control.isCalledOff) return false;
      Atomics.wait(this.#words, Word.bell, rung, nap);
    }
  }

  /** Coordinator: batches before `batch` are done with. Loaders wake for half a ring at a time, which disturbs the workers least. */
  free(batch: number, phase: Phase): void {
    const half = Math.max(1, this.places(phase) >> 1);
    if (batch % half !== 0) return;
    Atomics.store(this.#words, Word.freed, batch);
    Atomics.notify(this.#words, Word.freed);
  }
}
