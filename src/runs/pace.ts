import type { Engine } from '../runtime/engine.js';

/** How fast a part of an epoch goes, and how busy its threads are. */
export class Pace {
  readonly #engine: Pick<Engine, 'waited'>;
  #began = 0;
  #samplesBefore = 0;
  #looked = 0;
  #waited: readonly number[] = [];

  constructor(engine: Pick<Engine, 'waited'>) {
    this.#engine = engine;
  }

  /** @param samples of the epoch that were seen before this part */
  begin(samples: number): void {
    this.#samplesBefore = samples;
    this.#began = performance.now();
    this.#looked = this.#began;
    this.#waited = this.#engine.waited;
  }

  /**
   * @param samples of the epoch that have been seen
   * @returns samples a second since the part began; of each thread the fraction of the time since the last call that it worked
   */
  at(samples: number): { readonly imagesPerSecond: number; readonly load: readonly number[] } {
    const now = performance.now();
    const waited = this.#engine.waited;
    const passed = now - this.#looked;
    // A wait counts when it ends, which may be in a later look.
    const load = waited.map((time, thread) =>
      Math.min(1, Math.max(0, 1 - (time - this.#waited[thread]!) / passed)),
    );
    this.#looked = now;
    this.#waited = waited;
    return { imagesPerSecond: (1000 * (samples - this.#samplesBefore)) / (now - this.#began), load };
  }
}
