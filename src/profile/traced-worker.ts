import type { Layer } from '../graph/layer.js';
import type { Network } from '../graph/network.js';
import type { Kernels } from '../kernels/kernels.js';
import { partsOf, Worker, type WorkerSetup } from '../runtime/worker.js';
import { passes, Recorder } from './recorder.js';

/** A worker that records what it does. It is the very worker of a training, whose methods are timed from outside. */
export function tracedWorker(setup: WorkerSetup, rank: number, recording: SharedArrayBuffer): Worker {
  const recorder = new Recorder(recording);
  const { network, kernels } = partsOf(setup);
  const worker = new Worker(setup, rank, {
    network: traceLayers(network, recorder),
    kernels: traceKernels(kernels, recorder),
  });
  const { control, runner, tree, metrics, optimizer } = worker;
  recorder.time(control, 'openStep', { kind: 'opening' });
  recorder.time(worker, 'work', { kind: 'item' });
  recorder.time(runner, 'run', { kind: 'shard' });
  recorder.time(runner, 'gather', { kind: 'gather' });
  recorder.time(runner, 'loss', { kind: 'loss' });
  recorder.time(tree, 'climb', { kind: 'reduction' });
  recorder.time(control, 'finishStep', { kind: 'finishing' });
  recorder.time(metrics, 'addStep', { kind: 'metrics' });
  recorder.time(optimizer, 'step', { kind: 'optimizer' });
  recorder.time(control, 'take', { kind: 'waiting' });
  recorder.time(control, 'awaitSteps', { kind: 'waiting' });
  return worker;
}

/** The network, whose layers time their passes once they are bound. A view does nothing, so it is left alone. */
function traceLayers(network: Network, recorder: Recorder): Network {
  const trace = (layer: Layer, index: number): Layer => ({
    ...layer,
    bind(...args) {
      const bound = layer.bind(...args);
      for (const pass of passes) {
        const timed = bound as Required<typeof bound>;
        if (pass in bound) recorder.time(timed, pass, { kind: 'layer', layer: index, pass });
      }
      return bound;
    },
  });
  return { ...network, layers: network.layers.map((layer, i) => (layer.isView ? layer : trace(layer, i))) };
}

function traceKernels(kernels: Kernels, recorder: Recorder): Kernels {
  const traced = { ...kernels };
  for (const name of Object.keys(kernels) as Exclude<keyof Kernels, 'joined'>[]) {
    if (typeof kernels[name] === 'function') recorder.time(traced, name, { kind: 'kernel', name });
  }
  return traced;
}
