import type { GraphNode, Network } from '../graph/network.js';
import type { BatchPasses, BoundOperator } from '../graph/operator.js';
import type { Kernels } from '../kernels/kernels.js';
import type { Files } from '../platform/platform.js';
import { AllReduce } from './allreduce.js';
import { Metrics } from './metrics.js';
import { MicroBatchRunner } from './micro-batch.js';
import { Optimizer } from './optimizers/optimizer.js';
import type { Phase } from './phase.js';
import { WorkQueue } from './queue.js';
import type { WorkerSetup } from './setup.js';
import type { Pass, Span, Trace } from './trace.js';
import type { Transport } from './transport.js';
import { compileNetwork, Worker, type WorkerParts } from './worker.js';

/** A worker whose calls are traced: the very worker of a training, of parts that do what they do and say when. */
export class TracedWorker extends Worker {
  readonly #item: Timer;
  readonly #exchange: Timer;

  constructor(setup: WorkerSetup, index: number, files: Files, trace: Trace, transport?: Transport) {
    const { network, kernels, ...compiled } = compileNetwork(setup);
    const traced = {
      ...compiled,
      network: traceNetwork(network, trace),
      kernels: traceKernels(kernels, trace),
    };
    super(setup, index, files, transport, tracedParts(trace), traced);
    this.#item = timer(trace, { kind: 'item' });
    this.#exchange = timer(trace, { kind: 'exchange' });
  }

  override exchange(...args: Parameters<Worker['exchange']>): boolean {
    return this.ranks === undefined || this.#exchange(() => super.exchange(...args));
  }

  override work(phase: Phase, number: number): void {
    this.#item(() => super.work(phase, number));
  }
}

/** Does some work, and has a trace take down when. */
type Timer = <R>(work: () => R) => R;

function timer(trace: Trace, span: Span): Timer {
  const id = trace.define(span);
  return (work) => {
    const event = trace.begin(id);
    const result = work();
    trace.end(event);
    return result;
  };
}

function tracedParts(trace: Trace): WorkerParts {
  const opening = timer(trace, { kind: 'opening' });
  const waiting = timer(trace, { kind: 'waiting' });
  const finishing = timer(trace, { kind: 'finishing' });
  const microBatch = timer(trace, { kind: 'micro-batch' });
  const gather = timer(trace, { kind: 'gather' });
  const loss = timer(trace, { kind: 'loss' });
  const reduction = timer(trace, { kind: 'reduction' });
  const metrics = timer(trace, { kind: 'metrics' });
  const optimizer = timer(trace, { kind: 'optimizer' });
  return {
    WorkQueue: class extends WorkQueue {
      override open(items: number): void {
        opening(() => super.open(items));
      }
      override take(meanwhile?: () => boolean): number {
        return waiting(() => super.take(meanwhile));
      }
      override awaitStages(stages: number, meanwhile?: () => boolean): boolean {
        return waiting(() => super.awaitStages(stages, meanwhile));
      }
      override finishStage(): void {
        finishing(() => super.finishStage());
      }
    },
    MicroBatchRunner: class extends MicroBatchRunner {
      override run(...args: Parameters<MicroBatchRunner['run']>): void {
        microBatch(() => super.run(...args));
      }
      override gather(...args: Parameters<MicroBatchRunner['gather']>): void {
        gather(() => super.gather(...args));
      }
      override loss(...args: Parameters<MicroBatchRunner['loss']>): void {
        loss(() => super.loss(...args));
      }
    },
    AllReduce: class extends AllReduce {
      override arrive(...args: Parameters<AllReduce['arrive']>): boolean {
        return reduction(() => super.arrive(...args));
      }
    },
    Metrics: class extends Metrics {
      override addStep(...args: Parameters<Metrics['addStep']>): number {
        return metrics(() => super.addStep(...args));
      }
    },
    Optimizer: class extends Optimizer {
      override step(...args: Parameters<Optimizer['step']>): boolean {
        return optimizer(() => super.step(...args));
      }
    },
  };
}

/** `work`, each call of which is an event of span `id`. */
const traced =
  <A extends unknown[], R>(trace: Trace, id: number, work: (...args: A) => R) =>
  (...args: A): R => {
    const event = trace.begin(id);
    const result = work(...args);
    trace.end(event);
    return result;
  };

/** The network, whose operators' passes are traced. A view does nothing, so it is left alone. */
function traceNetwork(network: Network, trace: Trace): Network {
  const nodes = network.nodes.map((node, i) => (node.isView ? node : traceNode(node, i, trace)));
  return { ...network, nodes };
}

function traceNode(node: GraphNode, layer: number, trace: Trace): GraphNode {
  // Once a node: it may be bound to the memory of many micro-batches.
  const define = (pass: Pass) => trace.define({ kind: 'layer', layer, pass });
  const ids = { prepare: define('prepare'), forward: define('forward'), backward: define('backward') };
  return {
    ...node,
    bind(...args): BoundOperator {
      const bound = node.bind(...args);
      const { prepare, forward, backward, batch } = bound;
      return {
        ...bound,
        ...(prepare && { prepare: traced(trace, ids.prepare, prepare) }),
        forward: traced(trace, ids.forward, forward),
        backward: traced(trace, ids.backward, backward),
        ...(batch && { batch: traceBatch(batch) }),
      };
    },
  };

  function traceBatch(batch: BatchPasses): BatchPasses {
    return {
      ...batch,
      statistics: traced(trace, ids.forward, batch.statistics),
      useStatistics: traced(trace, ids.forward, batch.useStatistics),
      useGradients: traced(trace, ids.backward, batch.useGradients),
      inputGradient: traced(trace, ids.backward, batch.inputGradient),
      updateState: traced(trace, ids.prepare, batch.updateState),
    };
  }
}

function traceKernels(kernels: Kernels, trace: Trace): Kernels {
  const each = Object.entries(kernels).map(([name, kernel]) => {
    if (typeof kernel !== 'function') return [name, kernel];
    return [name, traced(trace, trace.define({ kind: 'kernel', name }), kernel)];
  });
  return Object.fromEntries(each);
}
