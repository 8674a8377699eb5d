import { openSync } from 'node:fs';
import { bytesOfSample, type PackedDataset } from '../data/dataset.js';
import { checksumOf, readChecksums } from '../data/packed/checksums.js';
import { createSampler, type Sampler } from '../data/sampler.js';
import { cutShort } from '../data/stored.js';
import { ExitCode, UserError } from '../errors.js';
import { readFully } from '../files/transfer.js';
import { unreadable } from '../files/unreadable.js';
import { classIndex } from './class-index.js';
import type { Phase } from './phase.js';
import type { WorkQueue } from './queue.js';
import type { Ring } from './ring.js';
import type { LoadFault, WorkerSetup } from './setup.js';
import { damaged } from './verify-resident.js';

/** A worker's hand in reading the samples that do not stay in memory, in the order of the epoch. */
export class Loader {
  readonly #setup: Pick<WorkerSetup, 'memory' | 'plan' | 'config'>;
  readonly #dataset: PackedDataset;
  readonly #ring: Ring;
  readonly #queue: WorkQueue;
  readonly #bytes: Uint8Array;
  readonly #sampleBytes: number;
  #file: number | undefined;
  #phase: Phase | undefined;
  #sampler: Sampler | undefined;
  #checksums: Uint32Array | undefined;
  /** What is wrong with the file, if anything is; the phase is cancelled then. */
  fault: LoadFault | undefined;

  constructor(
    setup: Pick<WorkerSetup, 'memory' | 'plan' | 'config'>,
    dataset: PackedDataset,
    ring: Ring,
    queue: WorkQueue,
  ) {
    this.#setup = setup;
    this.#dataset = dataset;
    this.#ring = ring;
    this.#queue = queue;
    this.#bytes = new Uint8Array(setup.memory.buffer);
    this.#sampleBytes = bytesOfSample(dataset);
  }

  beginPhase(phase: Phase): void {
    const { plan, config, memory } = this.#setup;
    const byClass = classIndex(memory.buffer, plan);
    this.#phase = phase;
    this.#sampler = createSampler(phase.sampler, phase.samples, config.seed, phase.epoch, byClass);
    this.#tryTo(() => {
      this.#file ??= openSync(this.#dataset.path, 'r');
      this.#checksums = phase.verify ? readChecksums(this.#dataset, phase.split) : undefined;
      return undefined;
    });
  }

  /** Read a chunk, if there is one to read; false if not. */
  readAhead(): boolean {
    const phase = this.#phase!;
    const chunk = this.#ring.take(phase);
    if (chunk < 0) return false;
    this.#tryTo(() => this.#read(this.#ring.firstOf(chunk, phase), this.#ring.endOf(chunk, phase), phase));
    if (this.fault === undefined) this.#ring.put(chunk, phase);
    return true;
  }

  /** What `read` says is wrong with the file, or the system says against it, cancels the phase. */
  #tryTo(read: () => string | undefined): void {
    try {
      const message = read();
      this.fault = message === undefined ? undefined : { message, exitCode: ExitCode.data };
    } catch (error) {
      const refused = unreadable(this.#dataset.path, error);
      if (!(refused instanceof UserError)) throw refused;
      this.fault = { message: refused.message, exitCode: refused.exitCode };
    }
    if (this.fault !== undefined) this.#queue.cancel();
  }

  #read(first: number, end: number, phase: Phase): string | undefined {
    const { ring, splits } = this.#setup.plan;
    const { resident } = splits[phase.split];
    const ringSamples = this.#ring.places(phase) * phase.batchSize;
    for (let position = first; position < end; ) {
      const index = this.#sampler!.at(position);
      const isResident = index < resident;
      // In the dataset's order neighbours are read together.
      const most = isResident ? Math.min(end, position + resident - index) : end;
      const count = phase.sampler === 'sequential' ? most - position : 1;
      const to = ring.address + (position % ringSamples) * this.#sampleBytes;
      const fault = isResident ? undefined : this.#readSamples(phase, index, count, to);
      if (fault !== undefined) return fault;
      position += count;
    }
    return undefined;
  }

  #readSamples({ split }: Phase, index: number, count: number, to: number): string | undefined {
    const { path, splits } = this.#dataset;
    const from = splits[split].samplesOffset + index * this.#sampleBytes;
    if (!readFully(this.#file!, this.#bytes, from, to, count * this.#sampleBytes))
      return cutShort(path).message;
    if (this.#checksums === undefined) return undefined;
    for (let i = 0; i < count; i++) {
      const at = to + i * this.#sampleBytes;
      const sample = this.#bytes.subarray(at, at + this.#sampleBytes);
      if (checksumOf(sample) !== this.#checksums[index + i]) return damaged(path, split, index + i);
    }
    return undefined;
  }
}
