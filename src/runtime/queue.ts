import type { Waits } from './waits.js';

/** The words through which threads keep step: int32, each on a cache line of its own. */
const line = 16;

const Word = {
  /** The next item to take. */
  next: 0,
  /** Items up to here are open. Both count from the phase's start. */
  open: line,
  /** Steps whose items are all done. */
  done: 2 * line,
  /** 0 while a phase runs, 1 when its last step is done, 2 when it is called off. */
  ended: 3 * line,
  /** 1 when no further step is to be opened. */
  halted: 6 * line,
  /** Threads asleep, so that nobody asks the system to wake anyone in vain. */
  sleepers: 4 * line,
  /** Rung when a step opens and when the phase ends: what a thread without work waits for. */
  bell: 5 * line,
} as const;

export const controlWords = 7 * line;

const nothing = (): boolean => false;

/** How often a waiting thread looks before it sleeps, about a nanosecond each: a wake-up costs some 60 us. */
const looks = 50_000;
/** A sleeper looks up this often, for a phase that was called off, ms. */
const nap = 50;
/** As short as a sleep can be, ms. */
const moment = 0.05;

/**
 * Opens steps and hands out their items. A step waits for its items, never for its threads: one that sleeps or comes late finds no
 * item left, and nobody waits for it. So more threads than shards do no harm; and of more threads than cores, as many as there are
 * cores stay awake, and the others sleep until one is missing.
 */
export class Control {
  readonly #words: Int32Array;
  readonly #threads: number;
  readonly #cores: number;
  readonly #waits: Waits | undefined;

  /** @param waits where a worker's own time without work is added up */
  constructor(buffer: SharedArrayBuffer, address: number, threads: number, cores: number, waits?: Waits) {
    this.#words = new Int32Array(buffer, address, controlWords);
    this.#threads = threads;
    this.#cores = cores;
    this.#waits = waits;
  }

  /** Before a phase, while no thread is at work. */
  reset(): void {
    this.#words.fill(0);
  }

  /** Coordinator: let `items` more be taken. */
  openStep(items: number): void {
    Atomics.add(this.#words, Word.open, items);
    this.#ring();
  }

  /**
   * Coordinator: wait until `steps` steps are done. False if the phase was called off.
   * @param meanwhile what else there is to do: false if nothing
   */
  awaitSteps(steps: number, meanwhile = nothing): boolean {
    for (;;) {
      const done = Atomics.load(this.#words, Word.done);
      if (done >= steps) return true;
      if (this.isCalledOff) return false;
      if (!meanwhile()) this.#waitWhile(Word.done, done);
    }
  }

  /** Coordinator: no more steps. */
  end(): void {
    Atomics.compareExchange(this.#words, Word.ended, 0, 1);
    this.#ringForAll();
  }

  /** From any thread: stop after the step in progress. */
  halt(): void {
    Atomics.store(this.#words, Word.halted, 1);
  }

  get isHalted(): boolean {
    return Atomics.load(this.#words, Word.halted) !== 0;
  }

  /** From any thread: stop as soon as may be, without finishing the step. */
  callOff(): void {
    Atomics.store(this.#words, Word.ended, 2);
    this.#ringForAll();
  }

  get isCalledOff(): boolean {
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
      if (next >= Atomics.load(this.#words, Word.open) || this.isCalledOff) return -1;
      if (Atomics.compareExchange(this.#words, Word.next, next, next + 1) === next) return next;
    }
  }

  /** An item's number, waiting for one to open; -1 when the phase has ended. Meanwhile, as `awaitSteps`. */
  take(meanwhile = nothing): number {
    for (;;) {
      const rung = Atomics.load(this.#words, Word.bell);
      const item = this.tryTake();
      if (item >= 0) return item;
      if (this.hasEnded) return -1;
      if (!meanwhile()) this.#waitWhile(Word.bell, rung);
    }
  }

  /** The thread that finishes a step's last item: tell the coordinator. */
  finishStep(): void {
    Atomics.add(this.#words, Word.done, 1);
    if (Atomics.load(this.#words, Word.sleepers) > 0) Atomics.notify(this.#words, Word.done);
  }

  /** Let others have the core for a moment. */
  rest(): void {
    Atomics.wait(this.#words, Word.ended, 0, moment);
  }

  #waitWhile(word: number, value: number): void {
    const began = performance.now();
    this.#lookOrSleep(word, value);
    this.#waits?.add(performance.now() - began);
  }

  /** Look for a while, if there is a core to look from, then sleep. */
  #lookOrSleep(word: number, value: number): void {
    for (let i = 0; i < looks && (i % 1024 !== 0 || this.#idleCores >= 0); i++) {
      if (Atomics.load(this.#words, word) !== value) return;
    }
    Atomics.add(this.#words, Word.sleepers, 1);
    Atomics.wait(this.#words, word, value, nap);
    Atomics.sub(this.#words, Word.sleepers, 1);
  }

  /** Cores without a thread that is awake; below 0, threads without a core. */
  get #idleCores(): number {
    return this.#cores - (this.#threads - Atomics.load(this.#words, Word.sleepers));
  }

  /** Wake as many threads as there are cores for them. */
  #ring(): void {
    Atomics.add(this.#words, Word.bell, 1);
    const idle = this.#idleCores;
    if (idle > 0 && Atomics.load(this.#words, Word.sleepers) > 0)
      Atomics.notify(this.#words, Word.bell, idle);
  }

  /** Wake everyone. */
  #ringForAll(): void {
    Atomics.add(this.#words, Word.bell, 1);
    Atomics.notify(this.#words, Word.bell);
    Atomics.notify(this.#words, Word.done);
  }
}
