import type { GraphNode, Network } from '../graph/network.js';
import type { Kernels } from '../kernels/kernels.js';
import { nodeFiles } from '../platform/node-files.js';
import type { WorkerSetup } from '../runtime/setup.js';
import { compileNetwork, Worker } from '../runtime/worker.js';
import { passes, Recorder } from './recorder.js';

/** A worker that records what it does. It is the very worker of a training, whose methods are timed from outside. */
export function tracedWorker(setup: WorkerSetup, rank: number, recording: SharedArrayBuffer): Worker {
  const recorder = new Recorder(recording);
  const compiled = compileNetwork(setup);
  const worker = new Worker(setup, rank, nodeFiles, {
    ...compiled,
    network: traceNodes(compiled.network, recorder),
    kernels: traceKernels(compiled.kernels, recorder),
  });
  const { queue, runner, allReduce, metrics, optimizer } = worker;
  recorder.time(queue, 'open', { kind: 'opening' });
  recorder.time(worker, 'work', { kind: 'item' });
  recorder.time(runner, 'run', { kind: 'shard' });
  recorder.time(runner, 'gather', { kind: 'gather' });
  recorder.time(runner, 'loss', { kind: 'loss' });
  recorder.time(allReduce, 'arrive', { kind: 'reduction' });
  recorder.time(queue, 'finishStage', { kind: 'finishing' });
  recorder.time(metrics, 'addStep', { kind: 'metrics' });
  recorder.time(optimizer, 'step', { kind: 'optimizer' });
  recorder.time(queue, 'take', { kind: 'waiting' });
  recorder.time(queue, 'awaitStages', { kind: 'waiting' });
  return worker;
}

/** The network, whose operators time their passes once they are bound. A view does nothing, so it is left alone. */
function traceNodes(network: Network, recorder: Recorder): Network {
  const trace = (node: GraphNode, index: number): GraphNode => ({
    ...node,
    bind(...args) {
      const bound = node.bind(...args);
      for (const pass of passes) {
        const timed = bound as Required<typeof bound>;
        if (pass in bound) recorder.time(timed, pass, { kind: 'layer', layer: index, pass });
      }
      if (bound.batch !== undefined) {
        recorder.time(bound.batch, 'statistics', { kind: 'layer', layer: index, pass: 'forward' });
        recorder.time(bound.batch, 'inputGradient', { kind: 'layer', layer: index, pass: 'backward' });
      }
      return bound;
    },
  });
  return { ...network, nodes: network.nodes.map((node, i) => (node.isView ? node : trace(node, i))) };
}

function traceKernels(kernels: Kernels, recorder: Recorder): Kernels {
  const traced = { ...kernels };
  for (const name of Object.keys(kernels) as Exclude<keyof Kernels, 'joined'>[]) {
    if (typeof kernels[name] === 'function') recorder.time(traced, name, { kind: 'kernel', name });
  }
  return traced;
}
