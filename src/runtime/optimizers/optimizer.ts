import type { MemoryPlan } from '../../compile/memory-plan.js';
import type { ResolvedConfig } from '../../config/resolved.js';
import type { Network } from '../../graph/network.js';
import type { Kernels } from '../../kernels/kernels.js';
import { bindAverage } from './average.js';
import { bindClipping, type Clip } from './clipping.js';
import { type ParameterGroup, parameterGroups } from './groups.js';
import { bindLookahead, type Lookahead } from './lookahead.js';
import type { Update } from './rule.js';
import { bindRule, slotsOf } from './rules.js';
import type { SlotName } from './slots.js';

/** A group of parameters, and where it lies: addresses in bytes. */
interface BoundGroup extends ParameterGroup {
  readonly parameters: number;
  readonly gradient: number;
  readonly slots: readonly number[];
  readonly update: Update;
}

/**
 * The end of a training step, and the only place where a phase changes weights: the update by the mini-batch's gradient. The coordinator's.
 */
export class Optimizer {
  readonly #kernels: Kernels;
  /** The mini-batch's, summed over its samples: the root of the all-reduce's tree. */
  readonly #gradient: number;
  readonly #length: number;
  readonly #isMean: boolean;
  readonly #clip: Clip;
  readonly #groups: readonly BoundGroup[];
  readonly #lookahead: Lookahead | undefined;
  readonly #average: ((step: number) => void) | undefined;

  constructor(
    kernels: Kernels,
    plan: MemoryPlan,
    network: Network,
    { loss, optimizer }: Pick<ResolvedConfig, 'loss' | 'optimizer'>,
  ) {
    const slot = (name: SlotName) => plan.slots[slotsOf(optimizer).indexOf(name)]!;
    this.#kernels = kernels;
    this.#gradient = plan.root;
    this.#length = network.bufferLength;
    this.#isMean = loss.reduction === 'mean';
    this.#clip = bindClipping(kernels, network, optimizer.gradientClipping);
    this.#groups = parameterGroups(network, optimizer).map((group) => ({
      ...group,
      parameters: plan.parameters + group.offset * 4,
      gradient: this.#gradient + group.offset * 4,
      slots: plan.slots.map((slot) => slot + group.offset * 4),
      update: bindRule(kernels, { ...optimizer, weightDecay: optimizer.weightDecay * group.decay }),
    }));
    const { lookahead, weightAverage } = optimizer;
    if (lookahead !== undefined)
      this.#lookahead = bindLookahead(kernels, plan.parameters, slot('slowWeights'), this.#length, lookahead);
    if (weightAverage !== undefined)
      this.#average = bindAverage(kernels, plan, slot('averageWeights'), network, weightAverage);
  }

  /**
   * One step from the mini-batch's gradient.
   * @param weight of the mini-batch's samples: what a mean divides by
   * @param step from 1, over the whole training, which plans `planned` of them
   * @returns false, and changes nothing, if the gradient is not finite
   */
  step(weight: number, learningRate: number, step: number, planned: number): boolean {
    if (this.#kernels.allFinite(this.#gradient, this.#length) === 0) return false;
    const scale = this.#clip(this.#gradient, !this.#isMean ? 1 : weight > 0 ? 1 / weight : 0);
    this.#lookahead?.before(step);
    for (let i = 0; i < this.#groups.length; i++) {
      const { parameters, gradient, slots, length, factor, update } = this.#groups[i]!;
      update(parameters, gradient, slots, length, scale, learningRate * factor, step);
    }
    this.#lookahead?.after(step, planned);
    return true;
  }

  /** After the step, and after the running statistics have taken in the mini-batch's: the average takes in the weights. */
  average(step: number): void {
    this.#average?.(step);
  }
}
