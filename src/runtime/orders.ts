import { ExitCode, UserError } from '../errors.js';
import type { Group } from './group.js';
import type { Phase, PhaseResult } from './phase.js';

/** What rank 0's engine has those of the other ranks do. */
type Order =
  | { readonly type: 'phase'; readonly phase: Phase; readonly done: PhaseResult; readonly weights: boolean }
  /** Nothing yet: rank 0 is there. */
  | { readonly type: 'wait' }
  | { readonly type: 'end' };

/** The engines of a group take the same phases, from the same weights, and compare what these have become. */
export class Orders {
  readonly #group: Group;
  readonly #weights: Uint8Array<SharedArrayBuffer>;
  /** Rank 0's, between phases: tells the others that it is there. */
  #idle: ReturnType<typeof setInterval> | undefined;
  #beat: Promise<unknown> = Promise.resolve();
  /** Whether the other ranks wait for orders. */
  #leads = false;

  /** @param weights the bytes of the weights, the state and the optimizer's slots, in the shared memory */
  constructor(group: Group, weights: Uint8Array<SharedArrayBuffer>) {
    this.#group = group;
    this.#weights = weights;
  }

  /**
   * Rank 0: has a phase begin on all ranks.
   * @param weights whether the weights have been written since the last one, by others than its steps
   */
  async begin(phase: Phase, done: PhaseResult, weights: boolean): Promise<void> {
    await this.#wake();
    await this.#group.broadcast<Order>({ type: 'phase', phase, done, weights });
    if (weights) await this.#shareWeights();
    this.#group.beginPhase();
  }

  /** Another rank: the next phase, undefined where there is none. */
  async next(): Promise<{ readonly phase: Phase; readonly done: PhaseResult } | undefined> {
    for (;;) {
      const order = await this.#group.broadcast<Order>();
      if (order.type === 'end') return undefined;
      if (order.type === 'wait') continue;
      if (order.weights) await this.#shareWeights();
      this.#group.beginPhase();
      return order;
    }
  }

  /**
   * All ranks, after a phase.
   * @param checksum of the weights, the state and the slots
   * @throws UserError (exit code environment) where a rank has other weights than rank 0
   */
  async compare(phase: Phase, checksum: number): Promise<void> {
    const checksums = await this.#group.gather(checksum);
    this.#group.endPhase();
    const other = checksums.findIndex((found) => found !== checksums[0]);
    if (other >= 0) {
      this.#leads = false; // they find it too
      const { hosts } = this.#group.setup;
      const when = phase.training ? `in epoch ${phase.epoch}` : `in an evaluation of ${phase.split}`;
      throw new UserError(
        `rank ${other} on ${hosts[other]} has other weights than rank 0 on ${hosts[0]} ${when}: one of the two machines computes wrong`,
        ExitCode.environment,
      );
    }
    this.rest();
  }

  /** Rank 0: tells the others, who wait for orders, that it is there, until the next phase or the end. */
  rest(): void {
    if (this.#group.setup.rank !== 0 || this.#idle !== undefined) return;
    this.#leads = true;
    const beat = () => {
      this.#beat = this.#beat.then(() => this.#group.broadcast<Order>({ type: 'wait' }));
      this.#beat.catch(() => {}); // `#wake` throws it
    };
    this.#idle = setInterval(beat, this.#group.setup.timeout / 4);
  }

  /** Rank 0: there are no more phases. */
  async end(): Promise<void> {
    if (!this.#leads) return;
    this.#leads = false;
    await this.#wake();
    if (!this.#group.isWhole) return; // nobody listens
    await this.#group.broadcast<Order>({ type: 'end' });
  }

  #shareWeights(): Promise<void> {
    const { buffer, byteOffset, byteLength } = this.#weights;
    return this.#group.broadcastMemory(buffer, byteOffset, byteLength);
  }

  async #wake(): Promise<void> {
    clearInterval(this.#idle);
    this.#idle = undefined;
    await this.#beat;
  }
}
