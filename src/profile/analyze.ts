import { compileProgram, trainedNodes } from '../compile/program.js';
import { ExitCode, UserError } from '../errors.js';
import type { Network } from '../graph/network.js';
import { lanes } from '../kernels/kernels.js';
import { type Pass, parts, passes, type Span } from '../runtime/trace.js';
import type { Recording } from './recorder.js';

/** Where the time of some training steps went. Times are ms of a step by the clock, also of a thread that had no core meanwhile. */
export interface Profile {
  readonly threads: number;
  readonly steps: number;
  readonly milliseconds: number;
  /** Each pass of each layer, then the rest of a step. Their shares add up to 1. */
  readonly rows: readonly Row[];
  readonly perThread: readonly ThreadTimes[];
  /** The busiest thread's time by the mean of all: 1 where all have as much to do. */
  readonly imbalance: number;
}

/** What all threads together spend on something. */
export interface Row {
  /** A layer, with its number among the network's: `0 conv1`; or a part of the step. */
  readonly name: string;
  readonly pass?: Pass;
  readonly milliseconds: number;
  /** Of all threads' time. */
  readonly share: number;
  /** In a step. */
  readonly calls: number;
  /** Multiply-adds that a sample needs, whether or not a kernel finds some unnecessary; absent where nothing is multiplied. */
  readonly multiplyAdds?: number;
  /** Of one thread. */
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
  /** In a step; of a program of several stages each stage is a part of one. */
  readonly microBatches: number;
}

/** @param recordings of each thread, the coordinator's first, with one phase of training */
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
  rows.push(...parts.map((part) => row(part, part)));
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

/** When each step that was recorded as a whole began, and when the last one ended, us. */
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

/** Of each of the coordinator's events, whether a step begins with it: the first opening after an optimizer's step. Each stage has one. */
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

/** What a row of the profile has so far, us. */
interface Spent {
  time: number;
  calls: number;
  readonly kernels: Map<string, { time: number; calls: number }>;
}

const nothing = (): Spent => ({ time: 0, calls: 0, kernels: new Map() });

/** Add what a thread did between two moments. A span counts for one row: the outermost that has one. */
function addTimes(
  spent: Map<string, Spent>,
  { spans, ids, starts, ends }: Recording,
  begin: number,
  end: number,
): { waiting: number; microBatches: number } {
  // A thread that is not there yet makes the others wait, or has nothing to do.
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

/** The row for a span's time; none for what only holds other spans. */
function keyOf(span: Span): string | undefined {
  switch (span.kind) {
    case 'layer':
      return layerKey(span.layer, span.pass);
    case 'kernel': // Within an item, the tree adds between two microBatches.
      return span.name === 'add' || span.name === 'addDoubles' ? 'reduction' : undefined;
    case 'item':
    case 'micro-batch':
      return undefined;
    default:
      return span.kind;
  }
}

/** What no row has: handing out work, and the JavaScript between layers and parts. */
function rest(all: number, rows: readonly Row[]): Row {
  const milliseconds = all - rows.reduce((total, row) => total + row.milliseconds, 0);
  return { name: 'other', milliseconds, share: milliseconds / all, calls: 1, kernels: [] };
}

/** Of a sample: the gradients of the weights and of the input take as many as the forward pass, each. */
function multiplyAddsOf(network: Network, index: number, pass: Pass): number {
  const { inputs, multiplyAdds } = network.nodes[index]!;
  const trained = trainedNodes(network);
  const givesGradient = inputs.some((input) => trained[input]);
  const times = { prepare: 0, forward: 1, backward: givesGradient ? 2 : 1 } as const;
  return multiplyAdds * times[pass];
}
