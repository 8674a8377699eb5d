import type { Network } from '../graph/network.js';
import { sizeOf } from '../graph/shape.js';
import { groupBytes } from '../kernels/kernels.js';
import type { Arena } from './arena.js';

/** Where one worker keeps a shard's values, gradients and private buffers: byte addresses in the shared memory. */
export interface Placement {
  /** The samples' values, and each layer's output; layers that allow it share one. */
  readonly input: number;
  readonly outputs: readonly number[];
  /** Gradient of each layer's output; 0 for layers that the backward pass does not reach. */
  readonly outputGradients: readonly number[];
  /** Gradient of each layer's input; 0 where nobody needs it. */
  readonly inputGradients: readonly number[];
  readonly scratch: readonly (readonly number[])[];
}

/** `transpose` reads up to 3 groups behind a buffer's end. */
const spare = 4 * groupBytes;

/** Assign a worker's memory for the whole run. */
export function placeNetwork(network: Network, arena: Arena): Placement {
  const { layers } = network;
  const input = arena.take(sizeOf(network.input) * groupBytes + spare);

  const outputs: number[] = [];
  let current = input;
  let isRead = false; // whether some backward pass reads what lies in `current`
  for (const layer of layers) {
    if (!layer.isView && (!layer.forwardInPlace || isRead)) {
      current = arena.take(sizeOf(layer.output) * groupBytes + spare);
      isRead = false;
    }
    isRead ||= layer.backwardReads.y;
    outputs.push(current);
  }

  // Gradients pass between two buffers: only the current one is alive.
  const widest = Math.max(...layers.map((layer) => sizeOf(layer.output)), sizeOf(network.input));
  const pair = [arena.take(widest * groupBytes + spare), arena.take(widest * groupBytes + spare)] as const;
  const first = layers.findIndex((layer) => layer.parameters.length > 0);
  const outputGradients: number[] = [];
  const inputGradients: number[] = [];
  let gradient: number = pair[0];
  for (let i = layers.length - 1; i >= 0; i--) {
    outputGradients[i] = i >= first ? gradient : 0;
    if (!layers[i]!.backwardInPlace) gradient = gradient === pair[0] ? pair[1] : pair[0];
    inputGradients[i] = i > first ? gradient : 0;
  }

  const scratch = layers.map((layer) => layer.scratch.map((bytes) => (bytes === 0 ? 0 : arena.take(bytes))));
  return { input, outputs, outputGradients, inputGradients, scratch };
}
