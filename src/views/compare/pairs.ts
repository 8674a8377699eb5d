import { fisher, mcNemar } from '../../evaluation/statistics/counts.js';
import {
  pairedDifference,
  type Resampling,
  unpairedDifference,
} from '../../evaluation/statistics/difference.js';
import { holm } from '../../evaluation/statistics/holm.js';
import { type Interval, meanOf, welchTest } from '../../evaluation/statistics/means.js';
import type { WeightsChoice } from '../../inference/trained-model.js';
import { type Candidate, type CompletedRun, completedOf } from './candidate.js';
import { hitsOf } from './figures.js';
import type { TestOutcomes } from './outcomes.js';

/** Whether two candidates' test top-1 differ by more than chance. */

export const tests = {
  mcNemar: 'exact McNemar test',
  fisher: 'exact Fisher test',
  welch: "Welch's t-test",
} as const;

export interface Difference {
  /** Test top-1 of the first less that of the second. */
  readonly difference: number;
  /** Of the difference: the bootstrap's over samples, or Student's over seeds. Of this pair alone, without correction. */
  readonly interval: Interval;
  readonly test: keyof typeof tests;
  /** Of this pair alone, two-sided. */
  readonly p: number;
  /** Holm's, over all pairs that were tested. */
  readonly adjusted: number;
}

export interface Pair {
  readonly a: string;
  readonly b: string;
  /** null where there is nothing to test. */
  readonly result: Difference | null;
  /** Why there is no result, or why the test is not the one for equal samples. */
  readonly note: string | null;
}

/** What a run hits of the test's samples, or why that is not known. */
export type OutcomesOf = (run: CompletedRun) => TestOutcomes | { readonly missing: string };

export function pairsOf(
  candidates: readonly Candidate[],
  weights: WeightsChoice,
  resampling: Resampling,
  outcomesOf: OutcomesOf,
): Pair[] {
  const couples = candidates.flatMap((a, i) => candidates.slice(i + 1).map((b) => [a, b] as const));
  const found = couples.map(([a, b], number) => {
    const test = a.runs.length === 1 && b.runs.length === 1 ? oneRunEach : seedsEach;
    return { a: a.name, b: b.name, ...test(a, b, { weights, resampling, outcomesOf, number }) };
  });
  const adjusted = holm(found.flatMap(({ result }) => result?.p ?? []));
  return found.map(({ result, ...pair }) => ({
    ...pair,
    result: result === null ? null : { ...result, adjusted: adjusted.shift()! },
  }));
}

interface Setting {
  readonly weights: WeightsChoice;
  readonly resampling: Resampling;
  readonly outcomesOf: OutcomesOf;
  /** Of the pair: no two share random numbers. */
  readonly number: number;
}

interface Found {
  readonly result: Omit<Difference, 'adjusted'> | null;
  readonly note: string | null;
}

const testOf = ({ summary }: CompletedRun, weights: WeightsChoice) =>
  weights === 'last' ? summary.final.test : summary.best.test;

function oneRunEach(a: Candidate, b: Candidate, setting: Setting): Found {
  const { weights, resampling, outcomesOf, number } = setting;
  const [runA, runB] = [completedOf(a)[0], completedOf(b)[0]];
  if (runA === undefined || runB === undefined) {
    return { result: null, note: `the training of ${(runA === undefined ? a : b).name} diverged` };
  }
  const [ofA, ofB] = [testOf(runA, weights), testOf(runB, weights)];
  const [hitsA, hitsB] = [outcomesOf(runA), outcomesOf(runB)];
  const difference = ofA.top1 - ofB.top1;
  const missing = [hitsA, hitsB].flatMap((outcomes) => ('missing' in outcomes ? outcomes.missing : []))[0];
  if ('hits' in hitsA && 'hits' in hitsB && hitsA.key === hitsB.key) {
    const counts = discordant(hitsA.hits, hitsB.hits);
    return {
      result: {
        difference,
        interval: pairedDifference({ ...counts, samples: ofA.samples }, resampling, number),
        test: 'mcNemar',
        p: mcNemar(counts.onlyA, counts.onlyB),
      },
      note: null,
    };
  }
  const hits = [hitsOf(ofA), hitsOf(ofB)] as const;
  const samples = [ofA.samples, ofB.samples] as const;
  return {
    result: {
      difference,
      interval: unpairedDifference(hits, samples, resampling, number),
      test: 'fisher',
      p: fisher(hits, samples),
    },
    note: `${missing ?? 'their test images are not the same'}; so they are not compared image by image`,
  };
}

/** How many samples only one of the two hits. */
function discordant(a: Uint8Array, b: Uint8Array): { onlyA: number; onlyB: number } {
  let [onlyA, onlyB] = [0, 0];
  for (const [i, hit] of a.entries()) {
    if (hit > b[i]!) onlyA++;
    else if (hit < b[i]!) onlyB++;
  }
  return { onlyA, onlyB };
}

function seedsEach(a: Candidate, b: Candidate, { weights, resampling }: Setting): Found {
  const [ofA, ofB] = [a, b].map((candidate) =>
    completedOf(candidate).map((run) => testOf(run, weights).top1),
  ) as [number[], number[]];
  const few = [a, b].find((_, i) => [ofA, ofB][i]!.length < 2);
  if (few !== undefined) {
    return { result: null, note: fewSeeds(few) };
  }
  const welch = welchTest(ofA, ofB, resampling.level);
  if (welch === undefined)
    return { result: null, note: 'neither changes with the seed, so there is no spread' };
  const { p, interval } = welch;
  return { result: { difference: meanOf(ofA) - meanOf(ofB), interval, test: 'welch', p }, note: null };
}

function fewSeeds(candidate: Candidate): string {
  const { name, runs } = candidate;
  const needs = 'a test over seeds needs two runs or more of each';
  if (runs.length === 1) return `${name} is a single run, and ${needs}`;
  return `only ${completedOf(candidate).length} of ${runs.length} seeds of ${name} completed, and ${needs}`;
}
