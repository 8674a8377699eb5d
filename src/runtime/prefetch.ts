import { bytesOfSample, type PackedDataset } from '../data/dataset.js';
import { damaged, dataError } from '../data/faults.js';
import { PackedFile } from '../data/packed/packed-file.js';
import { createSampler, type Sampler } from '../data/sampler.js';
import { UserError } from '../errors.js';
import type { Files } from '../platform/platform.js';
import { alone } from './batch.js';
import { classIndex } from './class-index.js';
import { NeededSamples } from './needed-samples.js';
import type { Phase } from './phase.js';
import type { WorkQueue } from './queue.js';
import type { Ring } from './ring.js';
import type { LoadFault, WorkerSetup } from './setup.js';

/** Prefetch: reads the samples that are not resident from the packed file into the ring, in the order of the epoch. Each worker has one. */
export class Prefetcher {
  readonly #setup: Pick<WorkerSetup, 'memory' | 'plan' | 'config' | 'ranks'>;
  readonly #dataset: PackedDataset;
  readonly #ring: Ring;
  readonly #queue: WorkQueue;
  readonly #files: Files;
  readonly #bytes: Uint8Array;
  readonly #sampleBytes: number;
  readonly #needed: NeededSamples;
  #file: PackedFile | undefined;
  #phase: Phase | undefined;
  #sampler: Sampler | undefined;
  #checksums: Uint32Array | undefined;
  /** What is wrong with the packed file, if anything is; the phase is cancelled then. */
  fault: LoadFault | undefined;

  constructor(
    setup: Pick<WorkerSetup, 'memory' | 'plan' | 'config' | 'ranks'>,
    dataset: PackedDataset,
    ring: Ring,
    queue: WorkQueue,
    files: Files,
  ) {
    this.#setup = setup;
    this.#dataset = dataset;
    this.#ring = ring;
    this.#queue = queue;
    this.#files = files;
    this.#bytes = new Uint8Array(setup.memory.buffer);
    this.#sampleBytes = bytesOfSample(dataset);
    this.#needed = new NeededSamples(setup.ranks ?? alone, setup.config);
  }

  beginPhase(phase: Phase): void {
    const { plan, config, memory } = this.#setup;
    const byClass = classIndex(memory.buffer, plan);
    this.#phase = phase;
    this.#needed.beginPhase(phase);
    this.#sampler = createSampler(phase.sampler, phase.samples, config.seed, phase.epoch, byClass);
    this.#tryTo(() => {
      this.#file ??= new PackedFile(this.#dataset, this.#files);
      this.#checksums = phase.verify ? this.#file.checksums(phase.split) : undefined;
    });
  }

  /** Read the next chunk; false where there is none to read, or no place is free. */
  readAhead(): boolean {
    const phase = this.#phase!;
    const chunk = this.#ring.take(phase);
    if (chunk < 0) return false;
    this.#tryTo(() => this.#read(this.#ring.firstOf(chunk, phase), this.#ring.endOf(chunk, phase), phase));
    if (this.fault === undefined) this.#ring.put(chunk, phase);
    return true;
  }

  /** A UserError that `read` throws cancels the phase. */
  #tryTo(read: () => void): void {
    this.fault = undefined;
    try {
      read();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.fault = { message: error.message, exitCode: error.exitCode };
      this.#queue.cancel();
    }
  }

  #read(first: number, end: number, phase: Phase): void {
    const { ring, splits } = this.#setup.plan;
    const { resident } = splits[phase.split];
    const ringSamples = this.#ring.places(phase) * phase.batchSize;
    for (let position = first; position < end; ) {
      if (!this.#needed.has(position)) {
        position++;
        continue;
      }
      const index = this.#sampler!.at(position);
      const isResident = index < resident;
      // In the dataset's order neighbours are read together.
      const most = isResident ? Math.min(end, position + resident - index) : end;
      const count = phase.sampler === 'sequential' ? this.#neededFrom(position, most) : 1;
      const to = ring.address + (position % ringSamples) * this.#sampleBytes;
      if (!isResident) this.#readSamples(phase, index, count, to);
      position += count;
    }
  }

  /** How many positions from this one on are needed, before `end`. */
  #neededFrom(position: number, end: number): number {
    let next = position + 1;
    while (next < end && this.#needed.has(next)) next++;
    return next - position;
  }

  #readSamples({ split }: Phase, index: number, count: number, to: number): void {
    this.#file!.readSamples(split, index, count, this.#bytes, to);
    if (this.#checksums === undefined) return;
    for (let i = 0; i < count; i++) {
      const at = to + i * this.#sampleBytes;
      const sample = this.#bytes.subarray(at, at + this.#sampleBytes);
      if (this.#files.checksum(sample) !== this.#checksums[index + i])
        throw dataError(damaged(this.#dataset.path, split, index + i));
    }
  }
}
