import { lockstepVersion } from '../../runs/summary.js';
import { type Measured, measuredOf, type RunScore, type TrialScore } from '../../search/score.js';
import type { RungTrial, SearchResult } from '../../search/search.js';
import type { CompleteSearch } from '../../search/search-file.js';
import type { TrialValues } from '../../search/space.js';

/** `search.json`. It holds no times, so that a search that was interrupted gives the same file as one that was not. */
export interface SearchRecord {
  /** The search file complete with defaults, and the config that was searched. */
  readonly search: CompleteSearch;
  /** Number of the best trial; null where all diverged. */
  readonly best: number | null;
  readonly trials: readonly TrialRecord[];
  readonly rungs: readonly RungRecord[];
  readonly version: string;
}

/** A trial in the order of the ranking. */
export interface TrialRecord {
  readonly trial: number;
  readonly values: TrialValues;
  /** Of the last rung that it was in. */
  readonly epochs: number;
  /** Means over the folds, at each fold's best epoch; null of a trial that diverged. */
  readonly score: TrialScore | null;
  readonly runs: readonly { readonly directory: string; readonly score: RunScore | null }[];
}

export interface RungRecord {
  /** null: those of each trial's config. */
  readonly epochs: number | null;
  /** The best first. */
  readonly trials: readonly ({ readonly trial: number; readonly diverged: boolean } & Partial<Measured>)[];
}

export function searchRecord(search: SearchRecord['search'], { ranking, rungs }: SearchResult): SearchRecord {
  const [first] = ranking;
  return {
    search,
    best: first === undefined || first.score === null ? null : first.trial.number,
    trials: ranking.map((ranked) => ({
      trial: ranked.trial.number,
      values: ranked.trial.values,
      epochs: rungs[ranked.rung]!.rung.epochs ?? epochsOf(ranked),
      score: ranked.score,
      runs: ranked.runs.map(({ directory, score }) => ({ directory, score })),
    })),
    rungs: rungs.map(({ rung, trials }) => ({
      epochs: rung.epochs ?? null,
      trials: trials.map(({ trial, score }) => ({
        trial: trial.number,
        diverged: score === null,
        ...(score !== null && measuredOf(score)),
      })),
    })),
    version: lockstepVersion(),
  };
}

const epochsOf = ({ runs }: RungTrial) => Math.max(...runs.map(({ epochs }) => epochs.length));
