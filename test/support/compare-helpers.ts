import type { EpochMetrics } from '#lockstep/runs/metrics.js';
import { summarize } from '#lockstep/runs/summary.js';
import type { Candidate, CompletedRun, EndedRun } from '#lockstep/views/compare/candidate.js';
import type { TestOutcomes } from '#lockstep/views/compare/outcomes.js';
import { layersConfig } from './engine-helpers.js';

/** Entries of runs that were never trained. */

const split = (top1: number, samples = 1000) => ({ samples, loss: 2, top1, top5: 1 });

const epochsOf = (top1: number): EpochMetrics[] =>
  [1, 2, 3].map((epoch) => ({
    epoch,
    learningRate: 0.1,
    train: { ...split((top1 * epoch) / 3), loss: 4 - top1 * epoch },
    validation: { ...split((top1 * epoch) / 3), loss: 4.1 - top1 * epoch },
    seconds: 2,
    imagesPerSecond: 5000,
  }));

const layers = [{ type: 'flatten' }, { type: 'dense', outFeatures: 2 }];

/** @param top1 of the test with the best weights; undefined of a run that diverged */
export function plainRun(name: string, seed: number, top1: number | undefined): EndedRun {
  const config = { ...layersConfig(layers, `seed=${seed}`), name };
  const epochs = top1 === undefined ? [] : epochsOf(top1);
  const summary = summarize({
    config,
    status: top1 === undefined ? 'failed' : 'completed',
    end: null,
    parameters: 98,
    parts: [],
    threads: 2,
    epochs,
    final:
      top1 === undefined
        ? null
        : { train: split(top1 + 0.02), validation: split(top1 + 0.01), test: split(top1 - 0.01) },
    best: top1 === undefined ? null : { epoch: 2, validation: split(top1 + 0.01), test: split(top1) },
    engine: {},
    memory: { peakBytes: 1, samplesResident: 1 },
    numericsVersion: 1,
    datasetKey: 'key',
    datasetSha256: 'fingerprint',
    init: null,
    weightsSha256: null,
    files: [],
  });
  return { directory: `runs/${name}-seed${seed}`, config, epochs, summary };
}

/** One run for each of these accuracies. */
export function plainCandidate(name: string, ...top1: (number | undefined)[]): Candidate {
  const runs = top1.map((value, i) => plainRun(name, i + 1, value));
  return { name, from: `configs/${name}.json`, config: runs[0]!.config, runs };
}

/** 1000 test images, of which a run hits the first, as many as its summary says, shifted by `shift` where there is one. */
export const outcomesOf =
  (shift: Readonly<Record<string, number>> = {}, key = () => 'same') =>
  ({ config, summary }: CompletedRun): TestOutcomes => {
    const count = Math.round(1000 * summary.best.test.top1);
    const first = shift[config.name] ?? 0;
    const hits = Uint8Array.from({ length: 1000 }, (_, i) => (i >= first && i < first + count ? 1 : 0));
    return { key: key(), hits };
  };
