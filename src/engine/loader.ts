import { openSync } from 'node:fs';
import { bytesOfSample, type PackedDataset } from '../data/dataset.js';
import { checksumOf, readChecksums } from '../data/packing/checksums.js';
import { createSampler } from '../data/sampler.js';
import { readFully } from '../files/transfer.js';
import { classIndex } from './class-index.js';
import { Control } from './control.js';
import { type Phase, samplesOfStep } from './phase.js';
import { cutShort } from './resident.js';
import { Ring } from './ring.js';
import { damaged } from './verify.js';
import type { WorkerSetup } from './worker.js';

export interface LoaderSetup extends Pick<WorkerSetup, 'memory' | 'plan' | 'config' | 'threads' | 'cores'> {
  readonly dataset: PackedDataset;
}

/** Reads the samples that do not stay in memory, in the order of the epoch, ahead of the workers. */
export class Loader {
  readonly #setup: LoaderSetup;
  readonly #ring: Ring;
  readonly #bytes: Uint8Array;
  readonly #sampleBytes: number;
  readonly #file: number;
  #checksums: Uint32Array | undefined;

  constructor(setup: LoaderSetup) {
    const { memory, plan, threads, cores, dataset } = setup;
    this.#setup = setup;
    this.#ring = new Ring(memory.buffer, plan, new Control(memory.buffer, plan.control, threads, cores));
    this.#bytes = new Uint8Array(memory.buffer);
    this.#sampleBytes = bytesOfSample(dataset);
    this.#file = openSync(dataset.path, 'r');
  }

  /** Until the phase ends. Returns what is wrong with the file, if anything is: an error would lose its class between threads. */
  run(phase: Phase): string | undefined {
    const { plan, config, memory, dataset } = this.#setup;
    const byClass = classIndex(memory.buffer, plan);
    const sampler = createSampler(phase.sampler, phase.samples, config.seed, phase.epoch, byClass);
    const { path } = dataset;
    const { resident } = plan.splits[phase.split];
    this.#checksums = phase.verify ? readChecksums(dataset, phase.split) : undefined;
    const ringSamples = this.#ring.places(phase) * phase.batchSize;
    for (let batch = this.#ring.takeBatch(phase); batch >= 0; batch = this.#ring.takeBatch(phase)) {
      const first = batch * phase.batchSize;
      const end = first + samplesOfStep(phase, batch);
      for (let position = first; position < end; ) {
        const index = sampler.at(position);
        const isResident = index < resident;
        // In the dataset's order neighbours are read together.
        let count = 1;
        if (phase.sampler === 'sequential') count = Math.min(end, isResident ? resident : end) - position;
        const to = plan.ring.address + (position % ringSamples) * this.#sampleBytes;
        if (!isResident) {
          if (!this.#read(phase, index, count, to)) return cutShort(path);
          const bad = this.#damaged(index, count, to);
          if (bad >= 0) return damaged(path, phase.split, bad);
        }
        position += count;
      }
      this.#ring.put(batch, phase);
    }
    return undefined;
  }

  #read({ split }: Phase, index: number, count: number, to: number): boolean {
    const from = this.#setup.dataset.splits[split].samplesOffset + index * this.#sampleBytes;
    return readFully(this.#file, this.#bytes, from, to, count * this.#sampleBytes);
  }

  /** The first of `count` samples at `to` that is not what was packed; -1 where all are, or nobody asks. */
  #damaged(index: number, count: number, to: number): number {
    if (this.#checksums === undefined) return -1;
    for (let i = 0; i < count; i++) {
      const at = to + i * this.#sampleBytes;
      const sample = this.#bytes.subarray(at, at + this.#sampleBytes);
      if (checksumOf(sample) !== this.#checksums[index + i]) return index + i;
    }
    return -1;
  }
}
