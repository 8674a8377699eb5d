import type { Resampling } from '../../evaluation/statistics/difference.js';
import type { WeightsChoice } from '../../inference/trained-model.js';
import { lockstepVersion } from '../../runs/summary.js';
import { completedOf, type Entry } from './candidate.js';
import { type EntryFigures, entryFigures } from './figures.js';
import { type OutcomeOptions, type TestOutcomes, testOutcomes } from './outcomes.js';
import { type OutcomesOf, type Pair, pairsOf } from './pairs.js';

/** `compare.json`. */
export interface Comparison {
  /** Of the weights that the pairs are compared by. */
  readonly weights: WeightsChoice;
  readonly resampling: Resampling;
  readonly entries: readonly EntryFigures[];
  readonly pairs: readonly Pair[];
  readonly version: string;
}

export const resamplingDefaults: Resampling = { level: 0.95, resamples: 10_000, seed: 1 };

/** All that is said of the entries. Runs of which there is one each are taken to their test images again. */
export async function compare(entries: readonly Entry[], options: OutcomeOptions): Promise<Comparison> {
  const known = new Map<string, TestOutcomes | { readonly missing: string }>();
  const single = entries.filter(({ runs }) => runs.length === 1);
  if (single.length > 1) {
    for (const run of single.flatMap(completedOf)) known.set(run.directory, await testOutcomes(run, options));
  }
  const outcomesOf: OutcomesOf = (run) => known.get(run.directory)!;
  return {
    weights: options.weights,
    resampling: resamplingDefaults,
    entries: entries.map((entry, number) => entryFigures(entry, number, resamplingDefaults)),
    pairs: pairsOf(entries, options.weights, resamplingDefaults, outcomesOf),
    version: lockstepVersion(),
  };
}
