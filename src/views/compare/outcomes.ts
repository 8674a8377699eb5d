import { hash } from 'node:crypto';
import { statSync } from 'node:fs';
import type { PackedDataset } from '../../data/dataset.js';
import { type DataProgress, openDataset } from '../../data/open.js';
import type { Source } from '../../data/source.js';
import { openSource } from '../../data/sources/open.js';
import { UserError } from '../../errors.js';
import { judgeSamples } from '../../evaluation/evaluate.js';
import { modelOfRun, type WeightsChoice } from '../../inference/trained-model.js';
import { defaultThreads } from '../../platform/threads.js';
import { dataOfRun } from '../../runs/run-data.js';
import type { CompletedRun } from './candidate.js';
import { hitsOf } from './figures.js';

/** Which test samples a run classifies correctly. */
export interface TestOutcomes {
  /** Identifies the samples, independent of their features: equal keys mean the same images in the same order. */
  readonly key: string;
  /** `[samples]`, 1 for a hit. */
  readonly hits: Uint8Array;
}

export interface OutcomeOptions {
  readonly weights: WeightsChoice;
  readonly threads: number;
  /** Where the data lies, in place of the config's folder. */
  readonly data: string | undefined;
  readonly onProgress?: (progress: DataProgress) => void;
}

/** Evaluates a run on its test split; gives the reason where the data is missing or has changed since the training. */
export async function testOutcomes(
  run: CompletedRun,
  options: OutcomeOptions,
): Promise<TestOutcomes | { readonly missing: string }> {
  try {
    return await evaluateTest(run, options);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { missing: error.message };
  }
}

async function evaluateTest(
  run: CompletedRun,
  { weights, threads, data, onProgress }: OutcomeOptions,
): Promise<TestOutcomes | { readonly missing: string }> {
  const config = dataOfRun(run, { data });
  const source = await openSource(config);
  const dataset = await openDataset(config, {
    threads: defaultThreads(),
    source,
    ...(onProgress && { onProgress }),
  });
  const { classesBefore, labels } = await judgeSamples(modelOfRun(run, weights), dataset, 'test', {
    threads,
  });
  const hits = Uint8Array.from(classesBefore, (before) => (before === 0 ? 1 : 0));
  const { test } = weights === 'last' ? run.summary.final : run.summary.best;
  const count = hits.reduce((sum, hit) => sum + hit, 0);
  if (hits.length !== test.samples || count !== hitsOf(test)) {
    const now = `hits ${count} of ${hits.length}`;
    return {
      missing: `the test images of ${run.directory} have changed: it ${now} of them now, and hit ${hitsOf(test)} of ${test.samples}`,
    };
  }
  return { key: keyOf(source, labels, dataset.skipped), hits };
}

/** From names and sizes: images in another folder may have the same names. */
function keyOf({ classes, splits }: Source, labels: Int32Array, skipped: PackedDataset['skipped']): string {
  const { test } = splits;
  const images = Array.from(test.labels, (_, image) => {
    const { file, part } = test.bytesOf(image);
    return [test.nameOf(image), part?.length ?? statSync(file).size];
  });
  return hash('sha256', JSON.stringify([classes, images, [...labels], skipped.map(({ file }) => file)]));
}
