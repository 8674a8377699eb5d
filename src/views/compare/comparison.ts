import type { Resampling } from '../../evaluation/statistics/difference.js';
import type { WeightsChoice } from '../../inference/trained-model.js';
import { lockstepVersion } from '../../runs/summary.js';
import { type Candidate, completedOf } from './candidate.js';
import { type CandidateFigures, candidateFigures } from './figures.js';
import { type OutcomeOptions, type TestOutcomes, testOutcomes } from './outcomes.js';
import { type OutcomesOf, type Pair, pairsOf } from './pairs.js';

/** `compare.json`. */
export interface Comparison {
  /** Of the weights that the pairs are compared by. */
  readonly weights: WeightsChoice;
  readonly resampling: Resampling;
  readonly entries: readonly CandidateFigures[];
  readonly pairs: readonly Pair[];
  readonly version: string;
}

export const resamplingDefaults: Resampling = { level: 0.95, resamples: 10_000, seed: 1 };

/** Compares the candidates. Candidates of a single run are evaluated again, for which test images each hits. */
export async function compare(
  candidates: readonly Candidate[],
  options: OutcomeOptions,
): Promise<Comparison> {
  const known = new Map<string, TestOutcomes | { readonly missing: string }>();
  const single = candidates.filter(({ runs }) => runs.length === 1);
  if (single.length > 1) {
    for (const run of single.flatMap(completedOf)) known.set(run.directory, await testOutcomes(run, options));
  }
  const outcomesOf: OutcomesOf = (run) => known.get(run.directory)!;
  return {
    weights: options.weights,
    resampling: resamplingDefaults,
    entries: candidates.map((candidate, number) => candidateFigures(candidate, number, resamplingDefaults)),
    pairs: pairsOf(candidates, options.weights, resamplingDefaults, outcomesOf),
    version: lockstepVersion(),
  };
}
