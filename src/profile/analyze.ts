import { compileProgram, trainedNodes } from '../compile/program.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import { lanes } from '../kernels/kernels.js';
import { type Pass, parts, passes, type Span } from '../runtime/trace.js';
import type { Recording } from './recorder.js';

/** The time of some training steps, by layer and thread. Times are wall-clock ms per step, including time in which a thread had no core. */
export interface Profile {
  readonly threads: number;
  readonly steps: number;
  readonly milliseconds: number;
  /** Each pass of each layer, then the other parts of a step. Shares add up to 1. */
  readonly rows: readonly Row[];
  readonly perThread: readonly ThreadTimes[];
  /** The busiest thread's time divided by the mean of all: 1 where work is balanced. */
  readonly imbalance: number;
}

/** The time that all threads together spend on a layer's pass or another part of the step. */
export interface Row {
  /** A layer, with its index in the network: `0 conv1`; or a part of the step. */
  readonly name: string;
  readonly pass?: Pass;
  readonly milliseconds: number;
  /** Share of all threads' time, 0 to 1. */
  readonly share: number;
  /** In a step. */
  readonly calls: number;
  /** Multiply-adds per sample by the layer's definition, even if the kernel makes fewer; left out where nothing is multiplied. */
  readonly multiplyAdds?: number;
  /** Per thread. */
  readonly gflops?: number;
  readonly kernels: readonly KernelTime[];
}

export interface KernelTime {
  readonly kernel: string;
  readonly milliseconds: number;
  /** In a step. */
  readonly calls: number;
}

export interface ThreadTimes {
  readonly busy: number;
  readonly waiting: number;
  /** Per step. With several stages, a stage of a micro-batch counts as a fraction. */
  readonly microBatches: number;
}

/** @param recordings of one phase of training, one per thread, the coordinator's first */
export function analyze(recordings: readonly Recording[], network: Network): Profile {
  const boundaries = boundariesOf(recordings);
  const steps = boundaries.length - 1;
  const stages = compileProgram(network).training.length;
  const [begin, end] = [boundaries[0]!, boundaries[steps]!];
  const toStep = (microseconds: number) => microseconds / 1000 / steps;
  const milliseconds = toStep(end - begin);

  const spent = new Map<string, Spent>();
  const perThread = recordings.map((recording): ThreadTimes => {
    const { waiting, microBatches } = addTimes(spent, recording, begin, end);
    return {
      busy: milliseconds - toStep(waiting),
      waiting: toStep(waiting),
      microBatches: microBatches / steps / stages,
    };
  });

  const row = (key: string, name: string, of?: { pass: Pass; multiplyAdds: number }): Row => {
    const { time, calls, kernels } = spent.get(key) ?? nothing();
    return {
      name,
      ...(of && { pass: of.pass }),
      milliseconds: toStep(time),
      share: toStep(time) / (milliseconds * recordings.length),
      calls: calls / steps,
      ...(of?.multiplyAdds && {
        multiplyAdds: of.multiplyAdds,
        gflops: (2 * of.multiplyAdds * lanes * calls) / time / 1000,
      }),
      kernels: [...kernels].map(([kernel, { time, calls }]) => ({
        kernel,
        milliseconds: toStep(time),
        calls: calls / steps,
      })),
    };
  };
  const rows = network.nodes.flatMap((layer, index) =>
    passes
      .map((pass) => ({ pass, key: layerKey(index, pass) }))
      .filter(({ key }) => spent.has(key))
      .map(({ pass, key }) =>
        row(key, `${index} ${layer.label}`, { pass, multiplyAdds: multiplyAddsOf(network, index, pass) }),
      ),
  );
  // A process that trains alone exchanges nothing.
  rows.push(...parts.filter((part) => part !== 'exchange' || spent.has(part)).map((part) => row(part, part)));
  const busy = perThread.map((thread) => thread.busy);
  return {
    threads: recordings.length,
    steps,
    milliseconds,
    rows: [...rows, rest(milliseconds * recordings.length, rows)],
    perThread,
    imbalance: (Math.max(...busy) * busy.length) / busy.reduce((a, b) => a + b, 0),
  };
}

/** The begin of each completely recorded step, and the end of the last one, us. */
export function boundariesOf(recordings: readonly Recording[]): readonly number[] {
  const { starts, ends } = recordings[0]!;
  const isBegin = stepBegins(recordings[0]!);
  const begins = starts.filter((_, event) => isBegin[event]);
  const end = ends.reduce((a, b) => Math.max(a, b), 0);
  const full = recordings.filter((recording) => recording.isFull);
  const known = Math.min(...full.map((recording) => recording.starts.at(-1)!));
  const boundaries = [...begins, end].filter((time) => time <= known);
  if (boundaries.length > 1) return boundaries;
  throw new UserError(
    'a profile cannot hold all that happens in a step; use a smaller batch',
    ExitCode.usage,
  );
}

/** For each of the coordinator's events, whether a step begins with it: the first `opening` after an `optimizer`. Each stage has one. */
function stepBegins({ spans, ids }: Recording): readonly boolean[] {
  let isWithin = false;
  return Array.from(ids, (id) => {
    const { kind } = spans[id]!;
    if (kind === 'optimizer') isWithin = false;
    if (kind !== 'opening' || isWithin) return false;
    isWithin = true;
    return true;
  });
}

/** The sums of a row so far, us. */
interface Spent {
  time: number;
  calls: number;
  readonly kernels: Map<string, { time: number; calls: number }>;
}

const nothing = (): Spent => ({ time: 0, calls: 0, kernels: new Map() });

/** Adds what a thread did between two moments. Nested spans count for one row: that of the outermost span with a row. */
function addTimes(
  spent: Map<string, Spent>,
  { spans, ids, starts, ends }: Recording,
  begin: number,
  end: number,
): { waiting: number; microBatches: number } {
  // Until its first event, a thread is counted as waiting.
  let waiting = Math.max(0, Math.min(starts[0] ?? end, end) - begin);
  entry(spent, 'waiting', nothing).time += waiting;
  let microBatches = 0;
  let row: Spent | undefined;
  let until = 0; // the end of the span that `row` is of
  for (let event = 0; event < ids.length; event++) {
    const span = spans[ids[event]!]!;
    const start = Math.max(starts[event]!, begin);
    const time = Math.min(ends[event]!, end) - start;
    if (time < 0 || start >= end) continue;
    if (span.kind === 'micro-batch') microBatches++;
    if (span.kind === 'waiting') waiting += time;
    if (start >= until) row = undefined;
    const key = keyOf(span);
    if (row === undefined && key !== undefined) {
      row = entry(spent, key, nothing);
      row.time += time;
      row.calls++;
      until = ends[event]!;
    }
    if (row !== undefined && span.kind === 'kernel') {
      const kernel = entry(row.kernels, span.name, () => ({ time: 0, calls: 0 }));
      kernel.time += time;
      kernel.calls++;
    }
  }
  return { waiting, microBatches };
}

function entry<T>(map: Map<string, T>, key: string, make: () => T): T {
  const found = map.get(key) ?? make();
  map.set(key, found);
  return found;
}

const layerKey = (layer: number, pass: Pass): string => `${layer} ${pass}`;

/** The row of a span; undefined for a span that only contains others. */
function keyOf(span: Span): string | undefined {
  switch (span.kind) {
    case 'layer':
      return layerKey(span.layer, span.pass);
    case 'kernel': // Within an item, sums of micro-batches are added along the tree.
      return span.name === 'add' || span.name === 'addDoubles' ? 'reduction' : undefined;
    case 'item':
    case 'micro-batch':
      return undefined;
    default:
      return span.kind;
  }
}

/** The remaining time: handing out work, and the JavaScript between layers and parts. */
function rest(all: number, rows: readonly Row[]): Row {
  const milliseconds = all - rows.reduce((total, row) => total + row.milliseconds, 0);
  return { name: 'other', milliseconds, share: milliseconds / all, calls: 1, kernels: [] };
}

/** Multiply-adds per sample. The weights' gradient and the input's each take as many as the forward pass. */
function multiplyAddsOf(network: Network, index: number, pass: Pass): number {
  const { inputs, multiplyAdds } = network.nodes[index]!;
  const trained = trainedNodes(network);
  const givesGradient = inputs.some((input) => trained[input]);
  const times = { prepare: 0, forward: 1, backward: givesGradient ? 2 : 1 } as const;
  return multiplyAdds * times[pass];
}
