import type { Network } from '../graph/network.js';
import { sizeOf } from '../graph/shape.js';
import { sampleNode } from '../graph/wiring.js';
import { type Stage, trainedNodes } from './program.js';

/**
 * When a micro-batch's tensors are alive: from the first call that writes one to the last that reads it. Calls are numbered through all
 * stages of a training step; an evaluation's are some of them, in the same order.
 */

/** Memory that tensors share which take each other's place: a view and what it shows, an operator in place and its input. */
export interface Storage {
  /** Values of a sample. */
  size: number;
  first: number;
  last: number;
}

export interface Liveness {
  /** The network's input, and each node's output. */
  readonly input: Storage;
  readonly outputs: readonly Storage[];
  /** The gradient of each node's output; undefined where the backward pass does not come to it. */
  readonly outputGradients: readonly (Storage | undefined)[];
  /** Where each node leaves the gradients of its inputs; undefined where nobody needs one. */
  readonly inputGradients: readonly (readonly (Storage | undefined)[])[];
  /** Of each node: its call of the forward pass, and its last one. */
  readonly forwardCall: readonly number[];
  readonly lastCall: readonly number[];
  /** Of each call, the stage that it belongs to. */
  readonly stageOf: readonly number[];
}

interface Calls {
  readonly gather: number;
  readonly loss: number;
  readonly statistics: ReadonlyMap<number, number>;
  readonly forward: ReadonlyMap<number, number>;
  readonly backward: ReadonlyMap<number, number>;
  readonly inputGradient: ReadonlyMap<number, number>;
  readonly stageOf: readonly number[];
}

/** @param stages of a program's training, or of its evaluation, which has no backward pass */
export function findLiveness(network: Network, stages: readonly Stage[]): Liveness {
  const { nodes } = network;
  const calls = numberCalls(stages);
  const trained = trainedNodes(network);
  const readers = nodes.map((_, node) =>
    nodes.flatMap(({ inputs }, reader) => inputs.filter((input) => input === node).map(() => reader)),
  );
  const readersOfInput = nodes.flatMap(({ inputs }, reader) => (inputs.includes(sampleNode) ? [reader] : []));

  const storage = (size: number, call: number): Storage => ({ size, first: call, last: call });
  const touch = (of: Storage, ...at: (number | undefined)[]) => {
    for (const call of at) {
      if (call === undefined) continue;
      of.first = Math.min(of.first, call);
      of.last = Math.max(of.last, call);
    }
  };

  const input = storage(sizeOf(network.input), calls.gather);
  const outputs: Storage[] = [];
  /** Storages that a backward pass or several operators read: nobody writes over their values. */
  const isRead = new Set<Storage>();
  if (readersOfInput.length > 1) isRead.add(input);
  for (const [index, node] of nodes.entries()) {
    const from = node.inputs.map((i) => (i === sampleNode ? input : outputs[i]!));
    const takesPlace = node.isView || (node.forwardInPlace && !isRead.has(from[0]!));
    const call = calls.forward.get(index)!;
    const own = takesPlace ? from[0]! : storage(0, call);
    own.size = Math.max(own.size, sizeOf(node.output));
    for (const value of from) {
      touch(value, calls.statistics.get(index), call);
      if (node.backwardReads.x) {
        touch(value, calls.backward.get(index), calls.inputGradient.get(index));
        if (calls.backward.has(index)) isRead.add(value);
      }
    }
    touch(own, call);
    if (node.backwardReads.y) {
      touch(own, calls.backward.get(index));
      if (calls.backward.has(index)) isRead.add(own);
    }
    if (readers[index]!.length > 1) isRead.add(own);
    outputs.push(own);
  }
  touch(outputs.at(-1)!, calls.loss);

  const outputGradients: (Storage | undefined)[] = nodes.map(() => undefined);
  const inputGradients: (Storage | undefined)[][] = nodes.map(({ inputs }) => inputs.map(() => undefined));
  const logits = nodes.length - 1;
  outputGradients[logits] = storage(sizeOf(nodes[logits]!.output), calls.loss);
  for (const index of [...nodes.keys()].reverse()) {
    const call = calls.backward.get(index);
    if (call === undefined) continue;
    const node = nodes[index]!;
    const dy = outputGradients[index]!;
    const dxCall = calls.inputGradient.get(index) ?? call;
    touch(dy, call, dxCall);
    const takesPlace = node.inputs.length === 1 && (node.isView || node.backwardInPlace);
    for (const [i, from] of node.inputs.entries()) {
      if (from === sampleNode || !trained[from]) continue;
      const size = sizeOf(nodes[from]!.output);
      const isFirst = outputGradients[from] === undefined;
      const own = takesPlace ? dy : storage(size, dxCall);
      own.size = Math.max(own.size, size);
      touch(own, dxCall);
      inputGradients[index]![i] = own;
      if (isFirst) outputGradients[from] = own;
      else touch(outputGradients[from]!, dxCall);
    }
  }
  return {
    input,
    outputs,
    outputGradients,
    inputGradients,
    forwardCall: nodes.map((_, node) => calls.forward.get(node)!),
    lastCall: nodes.map(
      (_, node) => calls.inputGradient.get(node) ?? calls.backward.get(node) ?? calls.forward.get(node)!,
    ),
    stageOf: calls.stageOf,
  };
}

function numberCalls(stages: readonly Stage[]): Calls {
  const stageOf: number[] = [];
  const calls = {
    gather: 0,
    loss: 0,
    statistics: new Map<number, number>(),
    forward: new Map<number, number>(),
    backward: new Map<number, number>(),
    inputGradient: new Map<number, number>(),
    stageOf,
  };
  for (const [stage, { gathers, inputGradient, forward, statistics, loss, backward }] of stages.entries()) {
    const next = () => stageOf.push(stage) - 1;
    if (gathers) calls.gather = next();
    if (inputGradient !== undefined) calls.inputGradient.set(inputGradient, next());
    for (const node of forward) calls.forward.set(node, next());
    if (statistics !== undefined) calls.statistics.set(statistics, next());
    if (loss) calls.loss = next();
    for (const node of backward) calls.backward.set(node, next());
  }
  return calls;
}
