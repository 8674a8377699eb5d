import type { MemoryPlan } from '../compile/memory-plan.js';
import type { OptimizerConfig } from '../config/schema.js';
import type { Network, Parameter, StateTensor } from '../graph/network.js';
import { slotsOf } from './optimizers/rules.js';
import type { SlotName } from './optimizers/slots.js';

/** A network's weights, what the optimizer keeps for them, and their gradients, where they lie in the shared memory: float32, each flat, in place. */
export class Tensors {
  /** Names of what the optimizer keeps. */
  readonly slots: readonly SlotName[];
  readonly #buffer: SharedArrayBuffer;
  readonly #plan: MemoryPlan;
  readonly #network: Network;

  constructor(buffer: SharedArrayBuffer, plan: MemoryPlan, network: Network, optimizer: OptimizerConfig) {
    this.slots = slotsOf(optimizer);
    this.#buffer = buffer;
    this.#plan = plan;
    this.#network = network;
  }

  /** The values of a parameter or of a tensor of state. */
  weight({ kind, offset, size }: Parameter | StateTensor): Float32Array {
    const from = kind === 'parameter' ? this.#plan.parameters : this.#plan.state;
    return new Float32Array(this.#buffer, from + offset * 4, size);
  }

  /** What the optimizer keeps for a parameter or a tensor of state under the name of one of its `slots`. */
  slot(name: SlotName, { kind, offset, size }: Parameter | StateTensor): Float32Array {
    const at = this.#plan.slots[this.slots.indexOf(name)];
    if (at === undefined) throw new Error(`this optimizer keeps ${this.slots.join()}, not ${name}`);
    const from = kind === 'parameter' ? at : at + this.#network.bufferLength * 4;
    return new Float32Array(this.#buffer, from + offset * 4, size);
  }

  /**
   * The values of a weight of the model that evaluations judge and that a training gives: the weight's average where
   * `optimizer.weightAverage` is on, else the weight.
   */
  modelWeight(weight: Parameter | StateTensor): Float32Array {
    return this.hasAverage ? this.slot('averageWeights', weight) : this.weight(weight);
  }

  /** The gradient of the last mini-batch, summed over its samples, and clipped by value if at all. */
  gradient({ offset, size }: Parameter): Float32Array {
    return new Float32Array(this.#buffer, this.#plan.root + offset * 4, size);
  }

  /** Whether the optimizer keeps an average of the weights. */
  get hasAverage(): boolean {
    return this.slots.includes('averageWeights');
  }

  /** The weights and their average change places: an evaluation runs where the weights are. */
  exchangeAverage(): void {
    for (const tensor of this.#network.weights) {
      const [weight, average] = [this.weight(tensor), this.slot('averageWeights', tensor)];
      const kept = weight.slice();
      weight.set(average);
      average.set(kept);
    }
  }

  /** All bytes of parameters, state and slots, which lie side by side. */
  get bytes(): Uint8Array<SharedArrayBuffer> {
    const { parameters, classWeights: end } = this.#plan;
    return new Uint8Array(this.#buffer, parameters, end - parameters);
  }
}
