import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { arithmeticTable, mappingTable, measureKernels } from './kernels.js';
import { measurePeak } from './peak.js';
import { printTable, show } from './table.js';
import type { Effort } from './timer.js';
import { measureTraining, trainingTable } from './training.js';

/**
 * npm run bench -- [--quick] [PATH]
 *
 * Prints what the kernels and whole training steps reach on this machine, and writes the same as JSON to PATH.
 * `--quick` takes seconds and is good for seeing that it runs; its figures are rough.
 */

const thorough: Effort = {
  kernelTime: 150,
  images: 4096,
  histograms: 50_000,
  epochs: 5,
  threads: [1, 2, 4, 8],
};
const quick: Effort = { kernelTime: 5, images: 512, histograms: 4096, epochs: 1, threads: [1, 2] };

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean' } },
  allowPositionals: true,
});
const path = positionals[0] ?? 'bench-results.json';
const effort = values.quick ? quick : thorough;

const machine = {
  date: new Date().toISOString(),
  node: process.version,
  v8: process.versions.v8,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  platform: `${process.platform} ${process.arch}`,
};
console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}`);

const peak = measurePeak(effort.kernelTime);
console.log(
  `Peak of 128-bit multiply + add, one thread: ${show(peak.gflops)} GFLOP/s (${peak.sums} sums at once)`,
);

const kernels = measureKernels(peak, effort.kernelTime);
printTable(
  'Kernels that multiply: medians for a micro-batch of 8 samples, one thread',
  arithmeticTable(kernels),
);
printTable('Other kernels: medians, one thread', mappingTable(kernels));

const training = await measureTraining(effort);
printTable(`Training steps: medians of ${effort.epochs} epochs`, trainingTable(training));

const results = { machine, quick: values.quick ?? false, peak, kernels, training };
writeFileWhole(path, `${JSON.stringify(results, null, 2)}\n`);
console.log(`\nThe figures are in ${path}.`);
