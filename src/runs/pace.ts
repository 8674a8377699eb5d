import type { Engine } from '../runtime/engine.js';

/** Images/s, and the fraction of the time, 0 to 1, that threads and ranks did not wait. */
export interface PaceReport {
  readonly imagesPerSecond: number;
  /** `[threads]` */
  readonly load: readonly number[];
  /** `[ranks]`, of waiting for other ranks */
  readonly rankLoad: readonly number[];
}

/** How fast a part of an epoch goes, and how busy its threads and ranks are. */
export class Pace {
  readonly #engine: Pick<Engine, 'waited' | 'rankWaited'>;
  #began = 0;
  #samplesBefore = 0;
  #looked = 0;
  #waited: readonly number[] = [];
  #rankWaited: readonly number[] = [];

  constructor(engine: Pick<Engine, 'waited' | 'rankWaited'>) {
    this.#engine = engine;
  }

  /** @param samples of the epoch that were seen before this part */
  begin(samples: number): void {
    this.#samplesBefore = samples;
    this.#began = performance.now();
    this.#look(this.#began);
  }

  /** Of the time since the last call. @param samples of the epoch that have been seen */
  at(samples: number): PaceReport {
    const now = performance.now();
    const passed = now - this.#looked;
    const before = { threads: this.#waited, ranks: this.#rankWaited };
    this.#look(now);
    return {
      imagesPerSecond: (1000 * (samples - this.#samplesBefore)) / (now - this.#began),
      load: loadOf(this.#waited, before.threads, passed),
      rankLoad: loadOf(this.#rankWaited, before.ranks, passed),
    };
  }

  #look(now: number): void {
    this.#looked = now;
    this.#waited = this.#engine.waited;
    this.#rankWaited = this.#engine.rankWaited;
  }
}

/** A wait counts when it ends, which may be in a later look. */
const loadOf = (waited: readonly number[], before: readonly number[], passed: number): number[] =>
  waited.map((time, i) => Math.min(1, Math.max(0, 1 - (time - before[i]!) / passed)));
