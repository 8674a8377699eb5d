import type { MemoryPlan } from '../compile/memory-plan.js';
import { type Phase, samplesOfStep } from './phase.js';
import type { WorkQueue } from './queue.js';

/** Int32 words, each on a cache line of its own. */
const Word = {
  /** The next chunk to read, counted from the pass's start. */
  next: 0,
  /** Mini-batches that are done with: their places are free. */
  freed: 16,
} as const;

/** Samples of a chunk: what a thread prefetches at a time before it looks for an item again. */
const chunkSamples = 16;

/**
 * The ring buffer of prefetched samples: at least a double buffer, two mini-batches. The workers fill it, chunk by chunk, when they would
 * otherwise wait, and at the latest when a mini-batch's turn comes. Mini-batch b of a pass has place b mod `places`.
 */
export class Ring {
  readonly #words: Int32Array;
  /** Of each place, the chunks that have been read. */
  readonly #chunks: Int32Array;
  readonly #queue: WorkQueue;
  readonly #plan: MemoryPlan;

  constructor(buffer: SharedArrayBuffer, plan: MemoryPlan, queue: WorkQueue) {
    this.#words = new Int32Array(buffer, plan.ringWords, 32);
    this.#chunks = new Int32Array(buffer, plan.ringChunks, plan.ring.samples);
    this.#queue = queue;
    this.#plan = plan;
  }

  /** Before a phase, while no thread is at work. */
  reset(phase: Phase): void {
    this.#words[Word.next] = phase.firstStep * chunksOf(phase);
    this.#words[Word.freed] = phase.firstStep;
    this.#chunks.fill(0);
  }

  /** Whether a phase has samples that are not resident, and so come through the ring. */
  serves({ split, samples }: Phase): boolean {
    return this.#plan.splits[split].resident < samples;
  }

  /** Mini-batches that there is room for. */
  places(phase: Phase): number {
    return Math.floor(this.#plan.ring.samples / phase.batchSize);
  }

  /** The number of the next chunk to read; -1 where none is left, or no place is free. */
  take(phase: Phase): number {
    for (;;) {
      const next = Atomics.load(this.#words, Word.next);
      const batch = batchOf(next, phase);
      const room = Atomics.load(this.#words, Word.freed) + this.places(phase);
      if (batch >= Math.min(phase.endStep, room) || this.#queue.isCancelled) return -1;
      if (Atomics.compareExchange(this.#words, Word.next, next, next + 1) === next) return next;
    }
  }

  /** The position in the epoch of a chunk's first sample; some chunks of a last, smaller mini-batch are empty. */
  firstOf(chunk: number, phase: Phase): number {
    const batch = batchOf(chunk, phase);
    const first = batch * phase.batchSize + (chunk % chunksOf(phase)) * chunkSamples;
    return Math.min(first, endOf(batch, phase));
  }

  /** The position behind a chunk's last sample. */
  endOf(chunk: number, phase: Phase): number {
    return Math.min(this.firstOf(chunk, phase) + chunkSamples, endOf(batchOf(chunk, phase), phase));
  }

  /** A chunk has been read. */
  put(chunk: number, phase: Phase): void {
    Atomics.add(this.#chunks, batchOf(chunk, phase) % this.places(phase), 1);
  }

  /** Coordinator: whether all of a mini-batch has been read. */
  holds(batch: number, phase: Phase): boolean {
    return Atomics.load(this.#chunks, batch % this.places(phase)) === chunksOf(phase);
  }

  /** Coordinator: a mini-batch is done with. */
  free(batch: number, phase: Phase): void {
    Atomics.store(this.#chunks, batch % this.places(phase), 0);
    Atomics.store(this.#words, Word.freed, batch + 1);
  }
}

/** Chunks of a mini-batch. */
const chunksOf = ({ batchSize }: Phase): number => Math.ceil(batchSize / chunkSamples);

const batchOf = (chunk: number, phase: Phase): number => Math.floor(chunk / chunksOf(phase));

/** The position behind a mini-batch's last sample. */
const endOf = (batch: number, phase: Phase): number => batch * phase.batchSize + samplesOfStep(phase, batch);
