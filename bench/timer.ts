import { Bench } from 'tinybench';

/** How long to measure. */
export interface Effort {
  /** Of each kernel's measurement, ms. */
  readonly kernelTime: number;
  /** Samples of a training epoch: pixels and histograms. */
  readonly images: number;
  readonly histograms: number;
  /** Epochs that count, after a warm-up epoch. */
  readonly epochs: number;
  readonly threads: readonly number[];
}

/** Seconds for one call. */
export interface Timing {
  readonly median: number;
  readonly best: number;
}

/** A kernel may take less time than reading the clock does: it is called until this much has passed between two readings, s. */
const sample = 50e-6;

/** Times a function that returns when its work is done. */
export function time(name: string, work: () => unknown, milliseconds: number): Timing {
  const calls = callsOfSample(work);
  const bench = new Bench({
    time: milliseconds,
    warmupTime: milliseconds / 4,
    iterations: 10,
    warmupIterations: 4,
    throws: true,
  });
  bench.add(name, () => {
    for (let i = 0; i < calls; i++) work();
  });
  const result = bench.runSync()[0]!.result;
  if (result.state !== 'completed') throw new Error(`${name} was not measured: ${result.state}`);
  const perCall = 1e-3 / calls;
  return { median: result.latency.p50 * perCall, best: result.latency.min * perCall };
}

function callsOfSample(work: () => unknown): number {
  for (let calls = 1; ; calls *= 2) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) work();
    if ((performance.now() - start) / 1e3 >= sample) return calls;
  }
}

/** How long no function may have become faster, and how long to wait for that at most, ms. */
const settled = 400;
const patience = 5000;

/**
 * Lets V8 finish with a module. It compiles each function fast at first, and well only when that has been busy for a while, on
 * another thread, which may have to wait for a core: a kernel that is timed too early shows a third of its speed.
 */
export function warmUp(works: readonly (() => unknown)[]): void {
  const best = works.map(() => Number.POSITIVE_INFINITY);
  const begin = performance.now();
  let changed = begin;
  for (let now = begin; now - changed < settled && now - begin < patience; ) {
    for (const [i, work] of works.entries()) {
      const start = now;
      work();
      now = performance.now();
      // Better code is 2 to 3 times as fast; what is less is noise.
      if (now - start < best[i]! / 1.5) changed = now;
      best[i] = Math.min(best[i]!, now - start);
    }
  }
}

/** @param values at least one */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
