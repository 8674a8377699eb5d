import type { GraphNode, Network } from '../graph/network.js';
import { sampleNode } from '../graph/wiring.js';

/**
 * A network as a program of stages. A stage is run for all micro-batches of a mini-batch; then its sums are added along the fixed tree;
 * then the next stage begins. A network without batch statistics is one stage: forward, loss, backward. One with batch norm ends a stage
 * wherever the next operator needs sums over the whole mini-batch.
 */
export interface Program {
  readonly training: readonly Stage[];
  /** An evaluation has nothing to add up: the forward passes and the loss, of the network that `foldNorms` gives. */
  readonly evaluation: readonly Stage[];
  /** Of each node, the byte offset of its batch statistics in a buffer of sums; 0 where it has none. */
  readonly statistics: readonly number[];
  /** Bytes of a buffer of sums: gradients, laid out as the parameters are, then batch statistics. */
  readonly sumBytes: number;
}

/** What a stage does with one micro-batch, in this order; nodes by their numbers. */
export interface Stage {
  /** Whether it begins with the samples, brought into the network's input. */
  readonly gathers: boolean;
  /** The node whose dx waited for the whole mini-batch's gradients. */
  readonly inputGradient: number | undefined;
  readonly forward: readonly number[];
  /** The node whose batch statistics end the stage. */
  readonly statistics: number | undefined;
  readonly loss: boolean;
  readonly backward: readonly number[];
  /** What is added along the tree at its end. */
  readonly sums: SumRange;
  /** How many gradients, of the first in the range, the next stage reads; the optimizer reads them all. */
  readonly urgent: number;
}

/** Parts of a buffer of sums: byte offsets, and how many float32 and float64 values. */
export interface SumRange {
  readonly gradients: number;
  readonly gradientCount: number;
  readonly statistics: number;
  readonly statisticCount: number;
}

const noSums: SumRange = { gradients: 0, gradientCount: 0, statistics: 0, statisticCount: 0 };

const blank: Stage = {
  gathers: false,
  inputGradient: undefined,
  forward: [],
  statistics: undefined,
  loss: false,
  backward: [],
  sums: noSums,
  urgent: 0,
};

/** Whether a node's dy is needed: it, or one that it reads directly or not, has parameters that are trained. */
export function trainedNodes({ nodes }: Pick<Network, 'nodes'>): boolean[] {
  const trained: boolean[] = [];
  for (const { parameters, isFrozen, inputs } of nodes)
    trained.push(
      (parameters.length > 0 && !isFrozen) || inputs.some((input) => input !== sampleNode && trained[input]!),
    );
  return trained;
}

export function compileProgram(network: Network): Program {
  const { nodes } = network;
  const all = [...nodes.keys()];
  let sumBytes = network.bufferLength * 4;
  const statistics = nodes.map(({ batchStatistics = 0 }) => {
    const offset = batchStatistics === 0 ? 0 : sumBytes;
    sumBytes += Math.ceil((batchStatistics * 8) / 64) * 64;
    return offset;
  });
  const evaluation = [{ ...blank, gathers: true, forward: all, loss: true }];
  return { training: trainingStages(network, statistics), evaluation, statistics, sumBytes };
}

function trainingStages(network: Network, statistics: readonly number[]): Stage[] {
  const { nodes } = network;
  const trained = trainedNodes(network);
  const stages: Stage[] = [];
  let forward: number[] = [];
  for (const [node, { batchStatistics = 0 }] of nodes.entries()) {
    if (batchStatistics > 0) {
      const sums = { ...noSums, statistics: statistics[node]!, statisticCount: batchStatistics };
      stages.push({ ...blank, gathers: stages.length === 0, forward, statistics: node, sums });
      forward = [];
    }
    forward.push(node);
  }
  const parameterBegins = beginsOf(network);
  let end = network.bufferLength;
  let backward: number[] = [];
  let inputGradient: number | undefined;
  let loss = true;
  const close = (begin: number, urgent: number) => {
    stages.push({
      ...blank,
      gathers: stages.length === 0,
      inputGradient,
      forward,
      loss,
      backward,
      sums: { ...noSums, gradients: begin * 4, gradientCount: end - begin },
      urgent,
    });
    [forward, backward, loss, end] = [[], [], false, begin];
  };
  for (const node of [...nodes.keys()].reverse()) {
    if (!trained[node]) continue;
    backward.push(node);
    if (!needsInputGradient(nodes[node]!, trained)) continue;
    const begin = parameterBegins[node]!;
    close(begin, (parameterBegins[node + 1] ?? network.bufferLength) - begin);
    inputGradient = node;
  }
  close(0, end);
  return stages;
}

/** Whether dx of an operator with batch statistics is wanted, which waits for the whole mini-batch's gradients. */
const needsInputGradient = ({ batchStatistics = 0, inputs }: GraphNode, trained: readonly boolean[]) =>
  batchStatistics > 0 && inputs.some((input) => input !== sampleNode && trained[input]!);

/** Of each node, where its parameters begin in a parameter buffer, float32 index; those of later nodes follow. */
function beginsOf({ nodes, parameters, bufferLength }: Network): number[] {
  let next = 0;
  return nodes.map((node) => {
    const begin = parameters[next]?.offset ?? bufferLength;
    next += node.parameters.length;
    return begin;
  });
}
