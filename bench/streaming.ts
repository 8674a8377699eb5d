import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sharedMemoryWithin } from '#lockstep/engine/memory-limit.js';
import { Engine, hashWeights, type PackedDataset } from '#lockstep/index.js';
import { modelConfig } from './models.js';
import { writeNoise } from './noise.js';
import { printTable, show } from './table.js';
import { median } from './timer.js';

/**
 * npm run bench:streaming -- [--quick] [--samples N] [--memory MB] [--model NAME]
 *
 * Training from a packed file that does not fit in memory, in turns with training from memory: speed, peak memory, and whether the
 * bits are equal. With --samples beyond what memory holds, only the streamed run is measured.
 */
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    samples: { type: 'string', default: '100000' },
    memory: { type: 'string', default: '300' },
    model: { type: 'string', default: 'lenet5' },
    threads: { type: 'string', default: '2' },
    job: { type: 'string' },
  },
});
const megabyte = 2 ** 20;
const threads = Number(values.threads);
const config = modelConfig(values.model as 'lenet5', 'optimizer.learningRate=1e-7');

interface Job {
  readonly dataset: PackedDataset;
  readonly memory: number | undefined;
  readonly epochs: number;
}
interface Result {
  readonly imagesPerSecond: number;
  readonly hash: string;
  readonly peak: number;
}

if (values.job !== undefined) await work(JSON.parse(values.job) as Job);
else await main();

/** In a process of its own, whose peak of memory is this run's. */
async function work({ dataset, memory, epochs }: Job): Promise<void> {
  const limit = memory === undefined ? {} : { sharedBytes: sharedMemoryWithin(memory, threads) };
  const engine = new Engine(config, dataset, { threads, ...limit });
  const speeds: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const began = performance.now();
    const { totals } = await engine.train(epoch);
    speeds.push(totals.samples / ((performance.now() - began) / 1000));
  }
  const peak = process.resourceUsage().maxRSS * 1024;
  const result: Result = {
    imagesPerSecond: median(speeds.length > 1 ? speeds.slice(1) : speeds),
    hash: hashWeights(engine),
    peak,
  };
  process.send!(result);
  await engine.close();
}

function run(job: Job): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [
      ...process.argv.slice(2),
      '--job',
      JSON.stringify(job),
    ]);
    child.on('message', (result: Result) => resolve(result));
    child.on('exit', (code) => reject(new Error(`a run ended with exit code ${code}`)));
  });
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-streaming-'));
  try {
    const samples = values.quick ? 20_000 : Number(values.samples);
    const dataset = writeNoise(join(folder, 'dataset.safetensors'), config, samples, 50);
    const bytes = samples * dataset.sampleShape.reduce((a, b) => a * b, 1);
    const memory = Number(values.memory) * megabyte;
    const fits = bytes < 3 * 1024 * megabyte;
    const epochs = fits ? 4 : 1;
    const rounds = values.quick || !fits ? 1 : 5;
    const streamed: Result[] = [];
    const resident: Result[] = [];
    for (let round = 0; round < rounds; round++) {
      streamed.push(await run({ dataset, memory, epochs }));
      if (fits) resident.push(await run({ dataset, memory: 8192 * megabyte, epochs }));
    }
    const row = (name: string, results: readonly Result[]) => ({
      samples: name,
      'images/s': show(median(results.map((result) => result.imagesPerSecond))),
      'peak MiB': show(Math.max(...results.map((result) => result.peak)) / megabyte),
      'weights SHA-256': results[0]!.hash.slice(0, 12),
    });
    const rows = [row(`read within ${values.memory} MiB`, streamed)];
    if (fits) rows.push(row('in memory', resident));
    printTable(
      `${config.name}, ${threads} threads, ${samples.toLocaleString('en')} samples, ${show(bytes / megabyte)} MiB`,
      rows,
    );
    if (!fits) return;
    const ratios = streamed.map((result, i) => result.imagesPerSecond / resident[i]!.imagesPerSecond);
    console.log(`read / in memory: ${median(ratios).toFixed(3)}`);
    if (new Set([...streamed, ...resident].map(({ hash }) => hash)).size > 1)
      throw new Error('the weights differ');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
