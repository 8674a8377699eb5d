import type { Placement } from '../compile/placement.js';
import type { Program, Stage } from '../compile/program.js';
import type { Network } from '../graph/network.js';
import type { BatchPasses, BoundOperator, RunContext } from '../graph/operator.js';
import { sizeOf } from '../graph/shape.js';
import { sampleNode } from '../graph/wiring.js';
import { type Kernels, lanes } from '../kernels/kernels.js';

/** Addresses that all workers share: each node's constant tables, the parameters, an evaluation's folded ones, and the state. */
export interface SharedPlaces {
  readonly parameters: number;
  readonly folded: number;
  readonly state: number;
  readonly tables: readonly (readonly number[])[];
}

/** A stage tied to the memory of one micro-batch: its operators, in the order in which they are called. */
export interface BoundStage extends Pick<Stage, 'gathers' | 'loss'> {
  readonly inputGradient: BatchPasses | undefined;
  readonly forward: readonly BoundOperator[];
  readonly statistics: BatchPasses | undefined;
  readonly backward: readonly BoundOperator[];
}

/** The training or the evaluation of a program tied to the memory of a worker and of one micro-batch of 8 samples. */
export class BoundProgram {
  readonly placement: Placement;
  readonly stages: readonly BoundStage[];
  readonly #operators: readonly BoundOperator[];
  readonly #isFrozen: readonly boolean[];

  /** @param network `foldNorms` of it for an evaluation */
  constructor(
    network: Network,
    program: Program,
    stages: readonly Stage[],
    kernels: Kernels,
    placement: Placement,
    shared: SharedPlaces,
    context: RunContext,
    words: Uint32Array,
  ) {
    const operators = bindOperators(network, program, kernels, placement, shared, context, words);
    const bind = ({ gathers, inputGradient, forward, statistics, loss, backward }: Stage): BoundStage => ({
      gathers,
      inputGradient: inputGradient === undefined ? undefined : operators[inputGradient]!.batch!,
      forward: forward.map((node) => operators[node]!),
      statistics: statistics === undefined ? undefined : operators[statistics]!.batch!,
      loss,
      backward: backward.map((node) => operators[node]!),
    });
    this.placement = placement;
    this.#operators = operators;
    this.#isFrozen = network.nodes.map(({ isFrozen }) => isFrozen);
    this.stages = stages.map(bind);
  }

  /** Before an evaluation, on one thread: fold batch norms into the weights before them. */
  fold(): void {
    for (let i = 0; i < this.#operators.length; i++) this.#operators[i]!.fold?.();
  }

  /**
   * Repack the weights; for an evaluation, read the running statistics too.
   * @param all those of frozen layers too, which no step changes
   */
  prepare(all: boolean): void {
    for (let i = 0; i < this.#operators.length; i++)
      if (all || !this.#isFrozen[i]) this.#operators[i]!.prepare?.();
  }

  /** Before a worker's first micro-batch of a training stage: read the all-reduced sums of the stage before it. */
  enter(stage: number, sums: number): void {
    if (stage > 0) this.stages[stage - 1]!.statistics?.useStatistics(sums);
    this.stages[stage]!.inputGradient?.useGradients(sums);
  }

  /** After the last stage of a step: running statistics take in the mini-batch's. */
  updateState(sums: number): void {
    for (let i = 0; i < this.#operators.length; i++) this.#operators[i]!.batch?.updateState(sums);
  }
}

function bindOperators(
  { nodes, parameters, state }: Network,
  program: Program,
  kernels: Kernels,
  placement: Placement,
  shared: SharedPlaces,
  context: RunContext,
  words: Uint32Array,
): BoundOperator[] {
  const offsets = new Map([...parameters, ...state].map(({ name, offset }) => [name, offset * 4]));
  const offsetsOf = (tensors: readonly { readonly name: string }[]) =>
    tensors.map(({ name }) => offsets.get(name)!);
  return nodes.map((node, i) => {
    const own = offsetsOf(node.parameters);
    const xs = node.inputs.map((from) => (from === sampleNode ? placement.input : placement.outputs[from]!));
    const dxs = placement.inputGradients[i]!;
    const bound = node.bind(
      kernels,
      {
        x: xs[0]!,
        y: placement.outputs[i]!,
        dy: placement.outputGradients[i]!,
        dx: dxs[0]!,
        xs,
        dxs,
        parameters: own.map((offset) => shared.parameters + offset),
        gradients: own,
        folded: shared.folded,
        isFrozen: node.isFrozen,
        state: offsetsOf(node.state ?? []).map((offset) => shared.state + offset),
        statistics: program.statistics[i]!,
        tables: shared.tables[i]!,
        scratch: placement.scratch[i]!,
      },
      context,
      words,
    );
    const additions = node.inputs.flatMap((from, j) => {
      const [sum, dx] = [from === sampleNode ? 0 : placement.outputGradients[from]!, dxs[j]!];
      return dx === 0 || sum === dx ? [] : { sum, dx, count: sizeOf(nodes[from]!.output) * lanes };
    });
    return additions.length === 0 ? bound : withAdditions(bound, kernels, additions);
  });
}

/**
 * The gradient of a tensor that several nodes read is the sum of theirs, added in the order of the backward pass: the last reader's first.
 */
function withAdditions(
  bound: BoundOperator,
  kernels: Kernels,
  additions: readonly { readonly sum: number; readonly dx: number; readonly count: number }[],
): BoundOperator {
  const add = () => {
    for (let i = 0; i < additions.length; i++) {
      const { sum, dx, count } = additions[i]!;
      kernels.add(sum, dx, count);
    }
  };
  const { batch } = bound;
  if (batch === undefined) {
    return {
      ...bound,
      backward(sums, accumulate) {
        bound.backward(sums, accumulate);
        add();
      },
    };
  }
  return {
    ...bound,
    batch: {
      ...batch,
      inputGradient() {
        batch.inputGradient();
        add();
      },
    },
  };
}
