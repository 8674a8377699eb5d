import type { Waits } from './waits.js';

/** The words of the queue: int32, each on a cache line of its own. */
const line = 16;

const Word = {
  /** The next item to take. */
  next: 0,
  /** Items up to here are open. Both count from the phase's start. */
  open: line,
  /** Stages whose items are all done. */
  done: 2 * line,
  /** 0 while a phase runs, 1 when its last step is done, 2 when it is cancelled. */
  ended: 3 * line,
  /** 1 when no further step is to be opened. */
  halted: 6 * line,
  /** Threads that are parked, so that nobody asks the system to wake anyone in vain. */
  parked: 4 * line,
  /** Counts up when items open and when the phase ends: what a thread without work waits for. */
  changes: 5 * line,
} as const;

export const queueWords = 7 * line;

const nothing = (): boolean => false;

/** A waiting thread spins so many times before it parks, about a nanosecond each: to wake it costs some 60 us. */
const spins = 50_000;
/** A parked thread wakes up this often, in case that the phase was cancelled, ms. */
const parkTime = 50;
/** As short as a wait can be, ms. */
const shortest = 0.05;

/**
 * The work queue of a process's threads, and their barrier: the coordinator opens the items of a stage, threads take them one by one, and
 * the stage is done when its items are. The barrier waits for items, not for threads: one that is parked or comes late finds no item left.
 * So more threads than micro-batches do no harm; and of more threads than cores, as many as there are cores stay awake, and the others are
 * parked until needed.
 */
export class WorkQueue {
  readonly #words: Int32Array;
  readonly #threads: number;
  readonly #cores: number;
  readonly #waits: Waits | undefined;

  /** @param waits where a worker's own time without work is added up */
  constructor(buffer: SharedArrayBuffer, address: number, threads: number, cores: number, waits?: Waits) {
    this.#words = new Int32Array(buffer, address, queueWords);
    this.#threads = threads;
    this.#cores = cores;
    this.#waits = waits;
  }

  /** Before a phase, while no thread is at work. */
  reset(): void {
    this.#words.fill(0);
  }

  /** Coordinator: let `items` more be taken. */
  open(items: number): void {
    Atomics.add(this.#words, Word.open, items);
    this.#wake();
  }

  /**
   * Coordinator, the barrier: wait until `stages` stages are done since the phase began. False if it was cancelled.
   * @param meanwhile what else there is to do: false if nothing
   */
  awaitStages(stages: number, meanwhile = nothing): boolean {
    for (;;) {
      const done = Atomics.load(this.#words, Word.done);
      if (done >= stages) return true;
      if (this.isCancelled) return false;
      if (!meanwhile()) this.#waitWhile(Word.done, done);
    }
  }

  /** Coordinator: no more steps. */
  end(): void {
    Atomics.compareExchange(this.#words, Word.ended, 0, 1);
    this.#wakeAll();
  }

  /** From any thread: stop after the step in progress. */
  halt(): void {
    Atomics.store(this.#words, Word.halted, 1);
  }

  get isHalted(): boolean {
    return Atomics.load(this.#words, Word.halted) !== 0;
  }

  /** From any thread: stop as soon as may be, without finishing the step. */
  cancel(): void {
    Atomics.store(this.#words, Word.ended, 2);
    this.#wakeAll();
  }

  get isCancelled(): boolean {
    return Atomics.load(this.#words, Word.ended) === 2;
  }

  /** Whether there will be no more steps. */
  get hasEnded(): boolean {
    return Atomics.load(this.#words, Word.ended) !== 0;
  }

  /** An open item's number, or -1 where none is open now. */
  tryTake(): number {
    for (;;) {
      const next = Atomics.load(this.#words, Word.next);
      if (next >= Atomics.load(this.#words, Word.open) || this.isCancelled) return -1;
      if (Atomics.compareExchange(this.#words, Word.next, next, next + 1) === next) return next;
    }
  }

  /** An item's number, waiting for one to open; -1 when the phase has ended. Meanwhile, as `awaitStages`. */
  take(meanwhile = nothing): number {
    for (;;) {
      const changes = Atomics.load(this.#words, Word.changes);
      const item = this.tryTake();
      if (item >= 0) return item;
      if (this.hasEnded) return -1;
      if (!meanwhile()) this.#waitWhile(Word.changes, changes);
    }
  }

  /** By the thread that adds at the root of the tree: the stage's sums are complete. Wakes the coordinator. */
  finishStage(): void {
    Atomics.add(this.#words, Word.done, 1);
    if (Atomics.load(this.#words, Word.parked) > 0) Atomics.notify(this.#words, Word.done);
  }

  /** Let others have the core for a moment. */
  rest(): void {
    Atomics.wait(this.#words, Word.ended, 0, shortest);
  }

  #waitWhile(word: number, value: number): void {
    const began = performance.now();
    this.#spinThenPark(word, value);
    this.#waits?.add(performance.now() - began);
  }

  /** Spin for a while, if there is a core for it, then park. */
  #spinThenPark(word: number, value: number): void {
    for (let i = 0; i < spins && (i % 1024 !== 0 || this.#idleCores >= 0); i++) {
      if (Atomics.load(this.#words, word) !== value) return;
    }
    Atomics.add(this.#words, Word.parked, 1);
    Atomics.wait(this.#words, word, value, parkTime);
    Atomics.sub(this.#words, Word.parked, 1);
  }

  /** Cores without a thread that is awake; below 0, threads without a core. */
  get #idleCores(): number {
    return this.#cores - (this.#threads - Atomics.load(this.#words, Word.parked));
  }

  /** Wake as many threads as there are cores for them. */
  #wake(): void {
    Atomics.add(this.#words, Word.changes, 1);
    const idle = this.#idleCores;
    if (idle > 0 && Atomics.load(this.#words, Word.parked) > 0)
      Atomics.notify(this.#words, Word.changes, idle);
  }

  /** Wake everyone. */
  #wakeAll(): void {
    Atomics.add(this.#words, Word.changes, 1);
    Atomics.notify(this.#words, Word.changes);
    Atomics.notify(this.#words, Word.done);
  }
}
