import { sampleShape, sampleType } from '#lockstep/data/features.js';
import { sizeOf } from '#lockstep/graph/shape.js';
import { noise } from '../noise.js';
import type { Job } from './job.js';

/** A batch as JavaScript libraries take it. */
export interface Batch {
  /** Its samples one after the other, pixels in [-2, 2]. */
  readonly values: Float32Array;
  readonly labels: Int32Array;
}

/** The data of the programs in JavaScript: bytes or floats in one typed array, from which batches are gathered. */
export class Batches {
  /** Samples of a batch; also of an evaluation's. */
  readonly size: number;
  readonly shape: readonly number[];
  readonly #samples: Uint8Array | Float32Array;
  readonly #labels: Int32Array;

  constructor({ config, classes, samples }: Job) {
    this.size = config.training.batchSize;
    this.shape = sampleShape(config.data.features);
    this.#samples = noise(sampleType(config.data.features), samples * sizeOf(this.shape));
    this.#labels = Int32Array.from({ length: samples }, (_, i) => i % classes);
  }

  /** @param samples a multiple of the batch */
  *inOrder(samples: number): Generator<Batch> {
    yield* this.#gather(Int32Array.from({ length: samples }, (_, i) => i));
  }

  /** The same in a new order (Fisher and Yates). */
  *shuffled(samples: number): Generator<Batch> {
    const order = Int32Array.from({ length: samples }, (_, i) => i);
    for (let i = samples - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    yield* this.#gather(order);
  }

  *#gather(order: Int32Array): Generator<Batch> {
    const length = sizeOf(this.shape);
    for (let begin = 0; begin < order.length; begin += this.size) {
      const values = new Float32Array(this.size * length);
      const labels = new Int32Array(this.size);
      for (let i = 0; i < this.size; i++) {
        const sample = order[begin + i]!;
        const stored = this.#samples.subarray(sample * length, (sample + 1) * length);
        labels[i] = this.#labels[sample]!;
        if (stored instanceof Float32Array) values.set(stored, i * length);
        else for (let k = 0; k < length; k++) values[i * length + k] = stored[k]! / 63.75 - 2;
      }
      yield { values, labels };
    }
  }
}
