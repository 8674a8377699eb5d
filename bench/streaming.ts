import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sharedMemoryWithin } from '#lockstep/compile/memory-limit.js';
import type { PackedDataset } from '#lockstep/data/dataset.js';
import { NodeEngine as Engine } from '#lockstep/platform/node-engine.js';
import { hashWeights } from '#lockstep/runs/weights.js';
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
  /** Bytes of the process; without it, as much as it takes. */
  readonly memory?: number;
}
interface Result {
  readonly imagesPerSecond: number;
  readonly hash: string;
  readonly peak: number;
}

const optionsOf = ({ memory = 2 ** 33 }: Pick<Job, 'memory'>) => ({
  threads,
  sharedBytes: sharedMemoryWithin(memory, threads),
});

if (values.job !== undefined) await work(JSON.parse(values.job) as Job);
else await main();

/** An epoch, in a process of its own, whose peak of memory is this run's. */
async function work(job: Job): Promise<void> {
  const engine = new Engine(config, job.dataset, optionsOf(job));
  const began = performance.now();
  const { totals } = await engine.train(1);
  const imagesPerSecond = totals.samples / ((performance.now() - began) / 1000);
  const result: Result = {
    imagesPerSecond,
    hash: hashWeights(engine),
    peak: process.resourceUsage().maxRSS * 1024,
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

/** Epochs from memory and from the file in turns: the median ratio of their speeds. */
async function compare(dataset: PackedDataset, memory: number, rounds: number): Promise<number> {
  const resident = new Engine(config, dataset, optionsOf({}));
  const streamed = new Engine(config, dataset, optionsOf({ memory }));
  const time = async (engine: Engine, epoch: number) => {
    const began = performance.now();
    await engine.train(epoch);
    return performance.now() - began;
  };
  const ratios: number[] = [];
  for (let epoch = 1; epoch <= rounds + 2; epoch++) {
    const before = await time(resident, epoch);
    const between = await time(streamed, epoch);
    const after = await time(resident, epoch);
    // The first two warm up, and check the samples.
    if (epoch > 2) ratios.push((before + after) / 2 / between);
  }
  await Promise.all([resident.close(), streamed.close()]);
  return median(ratios);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-streaming-'));
  try {
    const samples = values.quick ? 20_000 : Number(values.samples);
    const dataset = writeNoise(join(folder, 'dataset.safetensors'), config, samples, 50);
    const bytes = samples * dataset.sampleShape.reduce((a, b) => a * b, 1);
    const memory = Number(values.memory) * megabyte;
    const fits = bytes < 3 * 1024 * megabyte;
    const row = (name: string, { imagesPerSecond, peak, hash }: Result) => ({
      samples: name,
      'images/s, first epoch': show(imagesPerSecond),
      'peak MiB': show(peak / megabyte),
      'weights SHA-256': hash.slice(0, 12),
    });
    const streamed = await run({ dataset, memory });
    const resident = fits ? await run({ dataset }) : undefined;
    printTable(
      `${config.name}, ${threads} threads, ${samples.toLocaleString('en')} samples, ${show(bytes / megabyte)} MiB`,
      [
        row(`read within ${values.memory} MiB`, streamed),
        ...(resident === undefined ? [] : [row('in memory', resident)]),
      ],
    );
    if (resident === undefined) return;
    if (streamed.hash !== resident.hash) throw new Error('the weights differ');
    const ratio = await compare(dataset, memory, values.quick ? 3 : 15);
    console.log(`speed of reading by that of memory, epochs in turns: ${ratio.toFixed(3)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
