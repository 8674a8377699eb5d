import type { Network } from '../graph/network.js';
import { groupBytes, lanes } from '../kernels/kernels.js';
import { Arena } from './arena.js';
import { findLiveness, type Liveness, type Storage } from './liveness.js';
import type { Stage } from './program.js';

/** Where the passes through one micro-batch find their tensors: byte addresses in the shared memory. */
export interface Placement {
  /** The samples' values, and each node's output; operators that allow it share one. */
  readonly input: number;
  readonly outputs: readonly number[];
  /** Gradient of each node's output; 0 where the backward pass does not come to it. */
  readonly outputGradients: readonly number[];
  /** Of each node, the gradient of each of its inputs; 0 where nobody needs it. */
  readonly inputGradients: readonly (readonly number[])[];
  readonly scratch: readonly (readonly number[])[];
  /** Labels, partners' labels (8 i32 each) and shares (8 f32), one behind the other: see `crossEntropy`. */
  readonly targets: { readonly labels: number; readonly partners: number; readonly shares: number };
  /** The samplers' keys, 8 i32. */
  readonly keys: number;
}

/**
 * The same, before there are addresses. A worker has memory of its own for what begins and ends within a stage. What one stage leaves for
 * a later one, saved activations and gradients, lies in memory that a micro-batch has for the whole step, whichever worker runs it.
 */
export interface Layout {
  readonly workerBytes: number;
  /** 0 where the program is one stage. */
  readonly microBatchBytes: number;
  at(worker: number, microBatch: number): Placement;
}

/** `transpose` reads up to 3 groups behind a buffer's end. */
const spare = 4 * groupBytes;
const alignment = 64;

/** @param stages of a program's training, or of its evaluation alone */
export function layOut(network: Network, stages: readonly Stage[]): Layout {
  const liveness = findLiveness(network, stages);
  const isKept = (first: number, last: number) => liveness.stageOf[first] !== liveness.stageOf[last];
  const [own, kept] = [new Region(), new Region()];
  const storages = storagesOf(liveness).map((storage) => ({
    storage,
    bytes: storage.size * groupBytes + spare,
    region: isKept(storage.first, storage.last) ? kept : own,
  }));
  // The largest first: what is small finds a place between them.
  for (const { storage, bytes, region } of storages.sort((a, b) => b.bytes - a.bytes))
    region.place(storage, bytes);
  const goesBack = stages.some(({ backward }) => backward.length > 0);
  const scratch = network.nodes.map((node, i) =>
    node.scratch.map(({ bytes, isSaved, isBackward }) =>
      (isSaved && isKept(liveness.forwardCall[i]!, liveness.lastCall[i]!) ? kept : own).take(
        isBackward && !goesBack ? 0 : bytes,
      ),
    ),
  );
  const spread = stages.length > 1 ? kept : own;
  const targets = spread.take(3 * groupBytes);
  const keys = spread.take(lanes * 4);
  return {
    workerBytes: own.size,
    microBatchBytes: stages.length > 1 ? kept.size : 0,
    at(worker, microBatch) {
      const base = (region: Region) => (region === own ? worker : microBatch);
      const address = (place: Place) => (place.offset === undefined ? 0 : base(place.region) + place.offset);
      const of = (storage: Storage | undefined) => {
        if (storage === undefined) return 0;
        const region = own.has(storage) ? own : kept;
        return base(region) + region.offsetOf(storage);
      };
      const labels = address(targets);
      return {
        input: of(liveness.input),
        outputs: liveness.outputs.map(of),
        outputGradients: liveness.outputGradients.map(of),
        inputGradients: liveness.inputGradients.map((gradients) => gradients.map(of)),
        scratch: scratch.map((places) => places.map(address)),
        targets: { labels, partners: labels + groupBytes, shares: labels + 2 * groupBytes },
        keys: address(keys),
      };
    },
  };
}

/** A place in a region; without an offset where nothing was asked for. */
interface Place {
  readonly region: Region;
  readonly offset: number | undefined;
}

/** Memory in which what is not alive at the same time takes the same place. */
class Region {
  readonly #placed = new Map<Storage, { readonly begin: number; readonly end: number }>();
  readonly #exclusive = new Arena(0);
  #shared = 0;

  /** The lowest place that is free for as long as the storage is alive. */
  place(storage: Storage, bytes: number): void {
    const taken = [...this.#placed]
      .filter(([other]) => other.first <= storage.last && storage.first <= other.last)
      .map(([, place]) => place)
      .sort((a, b) => a.begin - b.begin);
    let begin = 0;
    for (const place of taken) {
      if (begin + bytes <= place.begin) break;
      begin = Math.max(begin, Math.ceil(place.end / alignment) * alignment);
    }
    this.#placed.set(storage, { begin, end: begin + bytes });
    this.#shared = Math.max(this.#shared, Math.ceil((begin + bytes) / alignment) * alignment);
  }

  /** A place of its own, behind those that are shared: nothing is placed after this. */
  take(bytes: number): Place {
    return { region: this, offset: bytes === 0 ? undefined : this.#shared + this.#exclusive.take(bytes) };
  }

  has(storage: Storage): boolean {
    return this.#placed.has(storage);
  }

  offsetOf(storage: Storage): number {
    return this.#placed.get(storage)!.begin;
  }

  get size(): number {
    return this.#shared + this.#exclusive.size;
  }
}

const storagesOf = ({ input, outputs, outputGradients, inputGradients }: Liveness): Storage[] => [
  ...new Set(
    [input, ...outputs, ...outputGradients, ...inputGradients.flat()].filter(
      (storage) => storage !== undefined,
    ),
  ),
];
