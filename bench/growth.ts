import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ResolvedConfig } from '#lockstep/config/resolved.js';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { NodeEngine } from '#lockstep/platform/node-engine.js';
import { drawGrowth, type Growth } from './growth-plot.js';
import { modelConfig } from './models.js';
import { writeNoise } from './noise.js';
import { printTable, show } from './table.js';
import { median } from './timer.js';

/**
 * npm run bench:growth -- [--quick] [PATH]
 *
 * How a training's time grows with the batch, the threads, the network and the dataset, for LeNet-5: prints a table of each, writes the
 * figures as JSON to PATH and a picture of them beside it (.svg and .png).
 */

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const path = positionals[0] ?? 'bench-growth.json';
const epochs = values.quick ? 1 : 7;
const samples = values.quick ? 1024 : 12_800;
const base = { batchSize: 64, threads: Math.min(2, availableParallelism()), width: 1, samples };

/** LeNet-5, `width` times as wide. The labels are noise: a small step keeps the loss finite, and costs as much as any. */
function lenet5(width: number, batchSize: number): ResolvedConfig {
  const wide = Object.entries({ 0: 6, 3: 16, 7: 120, 9: 84 }).map(([layer, outputs]) => {
    const key = Number(layer) < 7 ? 'outChannels' : 'outFeatures';
    return `model.layers.${layer}.${key}=${outputs * width}`;
  });
  return modelConfig('lenet5', 'optimizer.learningRate=1e-7', `training.batchSize=${batchSize}`, ...wide);
}

/** Milliseconds of an epoch, the median of some after two that warm up; and the multiply-adds of a sample. */
async function measure({ batchSize, threads, width, samples }: typeof base) {
  const config = lenet5(width, batchSize);
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-growth-'));
  try {
    const engine = new NodeEngine(config, writeNoise(join(folder, 'noise'), config, samples, 50), {
      threads,
    });
    try {
      const times: number[] = [];
      for (let epoch = 1; epoch <= epochs + 2; epoch++) {
        const start = performance.now();
        await engine.train(epoch);
        if (epoch > 2) times.push(performance.now() - start);
      }
      const multiplyAdds = engine.network.nodes.reduce((sum, layer) => sum + layer.multiplyAdds, 0);
      return { milliseconds: median(times), steps: Math.ceil(samples / batchSize), multiplyAdds };
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function growth(
  title: string,
  size: string,
  time: string,
  sizes: readonly number[],
  point: (size: number) => Promise<{ size: number; milliseconds: number }>,
): Promise<Growth> {
  const points = [];
  for (const size of values.quick ? sizes.slice(0, 2) : sizes) points.push(await point(size));
  const rows = points.map((p) => ({ [size]: p.size.toLocaleString('en'), [time]: show(p.milliseconds) }));
  printTable(title, rows);
  return { title, size, time, points };
}

const perStep = async (size: number, changes: Partial<typeof base>) => {
  const { milliseconds, steps } = await measure({ ...base, ...changes });
  return { size, milliseconds: milliseconds / steps };
};

const machine = {
  date: new Date().toISOString(),
  node: process.version,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
};
console.log(`${machine.cpu}, ${machine.cores} cores, Node ${machine.node}: LeNet-5, ${base.threads} threads`);
const measured = [
  await growth(
    'Batch',
    'samples of a batch',
    'ms a step',
    [8, 16, 32, 64, 128, 256, 512, 1024],
    (batchSize) => perStep(batchSize, { batchSize }),
  ),
  await growth('Threads', 'threads', 'ms a step of 64', [1, 2, 3, 4, 6, 8, 12, 16], (threads) =>
    perStep(threads, { threads }),
  ),
  await growth('Network', 'multiply-adds a sample', 'ms a step of 64', [0.5, 1, 2, 4, 8], async (width) => {
    const { milliseconds, steps, multiplyAdds } = await measure({ ...base, width });
    return { size: multiplyAdds, milliseconds: milliseconds / steps };
  }),
  await growth(
    'Dataset',
    'samples',
    'ms an epoch',
    [1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
    async (samples) => ({ size: samples, milliseconds: (await measure({ ...base, samples })).milliseconds }),
  ),
];
writeFileWhole(path, `${JSON.stringify({ machine, base, measured }, null, 2)}\n`);
await drawGrowth(path.replace(/(\.json)?$/, ''), measured);
console.log(`\nThe figures are in ${path}, with a picture beside it.`);
