import type { Placement } from '../compile/placement.js';
import type { BoundLayer, ShardContext } from '../graph/layer.js';
import type { Network } from '../graph/network.js';
import type { Kernels } from '../kernels/kernels.js';

/** Addresses that all workers share: each layer's constant tables, and the parameter buffer. */
export interface SharedPlaces {
  readonly parameters: number;
  readonly tables: readonly (readonly number[])[];
}

/** A network tied to a worker's memory: forward and backward through one shard of 8 samples. */
export class BoundNetwork {
  readonly #layers: readonly BoundLayer[];
  readonly #firstTrained: number;

  constructor(
    network: Network,
    kernels: Kernels,
    placement: Placement,
    shared: SharedPlaces,
    context: ShardContext,
    words: Uint32Array,
  ) {
    let parameter = 0;
    this.#firstTrained = network.layers.findIndex((layer) => layer.parameters.length > 0);
    this.#layers = network.layers.map((layer, i) => {
      const own = network.parameters.slice(parameter, parameter + layer.parameters.length);
      parameter += own.length;
      const places = {
        x: i === 0 ? placement.input : placement.outputs[i - 1]!,
        y: placement.outputs[i]!,
        dy: placement.outputGradients[i]!,
        dx: placement.inputGradients[i]!,
        parameters: own.map((p) => shared.parameters + p.offset * 4),
        gradients: own.map((p) => p.offset * 4),
        tables: shared.tables[i]!,
        scratch: placement.scratch[i]!,
      };
      return layer.bind(kernels, places, context, words);
    });
  }

  /** Take over new weights. */
  prepare(): void {
    for (let i = 0; i < this.#layers.length; i++) this.#layers[i]!.prepare?.();
  }

  forward(): void {
    for (let i = 0; i < this.#layers.length; i++) this.#layers[i]!.forward();
  }

  /** From the logits' gradient to the parameters', as `BoundLayer.backward` says. */
  backward(gradients: number, accumulate: 0 | 1): void {
    for (let i = this.#layers.length - 1; i >= this.#firstTrained; i--)
      this.#layers[i]!.backward(gradients, accumulate);
  }
}
