import type { Control } from './control.js';
import type { MemoryPlan } from './memory-plan.js';
import { type Phase, samplesOfStep, stepsOf } from './phase.js';

/** Int32 words, each on a cache line of its own. */
const Word = {
  /** The next chunk to read, counted from the phase's start. */
  next: 0,
  /** Batches whose places may be taken again. */
  freed: 16,
} as const;

/** Samples of a chunk: as much as a thread reads in between. */
const chunkSamples = 16;

/** A chunk of a batch: positions of the epoch. */
export interface Chunk {
  readonly batch: number;
  readonly first: number;
  readonly end: number;
}

/**
 * Samples on their way from the file to the workers: a ring of batches, which the workers themselves read ahead, chunk by chunk,
 * when they would otherwise wait, and at the latest when the batch's turn comes. Batch b of a phase has place b mod `places`.
 */
export class Ring {
  readonly #words: Int32Array;
  /** Of each place, the chunks that have been read. */
  readonly #chunks: Int32Array;
  readonly #control: Control;
  readonly #plan: MemoryPlan;

  constructor(buffer: SharedArrayBuffer, plan: MemoryPlan, control: Control) {
    this.#words = new Int32Array(buffer, plan.ringWords, 32);
    this.#chunks = new Int32Array(buffer, plan.ringChunks, plan.ring.samples);
    this.#control = control;
    this.#plan = plan;
  }

  /** Before a phase, while no thread is at work. */
  reset(): void {
    this.#words.fill(0);
    this.#chunks.fill(0);
  }

  /** Whether a phase has samples that pass through here. */
  serves({ split, samples }: Phase): boolean {
    return this.#plan.splits[split].resident < samples;
  }

  /** Batches that there is room for. */
  places(phase: Phase): number {
    return Math.floor(this.#plan.ring.samples / phase.batchSize);
  }

  /** The next chunk to read; undefined where none is left, or no place is free. */
  take(phase: Phase): Chunk | undefined {
    const perBatch = chunksOf(phase);
    for (;;) {
      const next = Atomics.load(this.#words, Word.next);
      const batch = Math.floor(next / perBatch);
      const room = Atomics.load(this.#words, Word.freed) + this.places(phase);
      if (batch >= Math.min(stepsOf(phase), room) || this.#control.isCalledOff) return undefined;
      if (Atomics.compareExchange(this.#words, Word.next, next, next + 1) !== next) continue;
      const begin = batch * phase.batchSize;
      const end = begin + samplesOfStep(phase, batch);
      const first = Math.min(end, begin + (next - batch * perBatch) * chunkSamples);
      return { batch, first, end: Math.min(end, first + chunkSamples) };
    }
  }

  /** A chunk has been read. */
  put({ batch }: Chunk, phase: Phase): void {
    Atomics.add(this.#chunks, batch % this.places(phase), 1);
  }

  /** Coordinator: whether all of a batch is there. */
  holds(batch: number, phase: Phase): boolean {
    return Atomics.load(this.#chunks, batch % this.places(phase)) === chunksOf(phase);
  }

  /** Coordinator: a batch is done with. */
  free(batch: number, phase: Phase): void {
    Atomics.store(this.#chunks, batch % this.places(phase), 0);
    Atomics.store(this.#words, Word.freed, batch + 1);
  }
}

const chunksOf = ({ batchSize }: Phase): number => Math.ceil(batchSize / chunkSamples);
