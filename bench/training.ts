import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { NodeEngine } from '#lockstep/platform/node-engine.js';
import { type ModelName, modelConfig, models } from './models.js';
import { writeNoise } from './noise.js';
import { show, type Table } from './table.js';
import { type Effort, median } from './timer.js';

/** Whole training steps: gather, forward, loss, backward, sum, optimizer. */
export interface TrainingFigure {
  readonly model: ModelName;
  readonly threads: number;
  readonly batchSize: number;
  /** Median of the epochs. */
  readonly imagesPerSecond: number;
  readonly ratioToFirst: number;
  readonly epochSeconds: readonly number[];
}

export async function measureTraining(effort: Effort): Promise<TrainingFigure[]> {
  const figures: TrainingFigure[] = [];
  for (const model of models) {
    // Labels are noise: a small step keeps the loss finite, and costs as much as any.
    const config = modelConfig(model, 'optimizer.learningRate=1e-7');
    const samples = config.data.features.type === 'pixels' ? effort.images : effort.histograms;
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
    try {
      const dataset = writeNoise(join(folder, 'dataset.safetensors'), config, samples, 50);
      let first: number | undefined;
      for (const threads of effort.threads) {
        const epochSeconds = await timeEpochs(config, dataset, threads, effort.epochs);
        const imagesPerSecond = samples / median(epochSeconds);
        first ??= imagesPerSecond;
        const { batchSize } = config.training;
        figures.push({
          model,
          threads,
          batchSize,
          imagesPerSecond,
          ratioToFirst: imagesPerSecond / first,
          epochSeconds,
        });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return figures;
}

/** Seconds of each epoch after the first, which starts the threads and warms the code. */
async function timeEpochs(
  config: ResolvedConfig,
  dataset: PackedDataset,
  threads: number,
  epochs: number,
): Promise<number[]> {
  const engine = new NodeEngine(config, dataset, { threads });
  const seconds: number[] = [];
  try {
    for (let epoch = 1; epoch <= epochs + 1; epoch++) {
      const start = performance.now();
      const { failure } = await engine.train(epoch);
      if (failure !== undefined)
        throw new Error(`${config.name}: the ${failure.what} is not finite at step ${failure.step}`);
      if (epoch > 1) seconds.push((performance.now() - start) / 1e3);
    }
  } finally {
    await engine.close();
  }
  return seconds;
}

export function trainingTable(figures: readonly TrainingFigure[]): Table {
  const [first] = figures;
  return figures.map((f) => ({
    model: f.model,
    threads: String(f.threads),
    'images/s': show(f.imagesPerSecond),
    [`of ${first!.threads} thread`]: `${f.ratioToFirst.toFixed(2)} x`,
  }));
}
