import type { Network } from '../graph/network.js';
import type { Span } from '../runtime/trace.js';
import { boundariesOf } from './analyze.js';
import type { Recording } from './recorder.js';

/** Largest number of events in a trace file, about 4 MB. Viewers take more, but people look at a few steps. */
const mostEvents = 40_000;

/** An event of the Trace Event Format that Perfetto, Chrome and Speedscope open; times in us. */
type TraceEvent =
  | {
      readonly ph: 'X';
      readonly name: string;
      readonly cat: string;
      readonly ts: number;
      readonly dur: number;
      readonly pid: 1;
      readonly tid: number;
    }
  | {
      readonly ph: 'M';
      readonly name: 'process_name' | 'thread_name';
      readonly pid: 1;
      readonly tid: number;
      readonly args: { readonly name: string };
    };

/**
 * Makes a trace file of as many of the first steps as it may hold.
 * @param title of the trace
 * @param recordings as `analyze` takes them
 * https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
 */
export function traceFile(
  title: string,
  recordings: readonly Recording[],
  network: Network,
): { text: string; steps: number } {
  const boundaries = boundariesOf(recordings);
  const events = recordings.reduce((sum, { ids }) => sum + ids.length, 0);
  const all = boundaries.length - 1;
  const steps = Math.max(1, Math.min(all, Math.floor((all * mostEvents) / events)));
  const [begin, end] = [boundaries[0]!, boundaries[steps]!];
  const lines: TraceEvent[] = [
    { ph: 'M', name: 'process_name', pid: 1, tid: 0, args: { name: title } },
    ...recordings.map((_, tid) => {
      const name = tid === 0 ? 'thread 0, coordinator' : `thread ${tid}`;
      return { ph: 'M', name: 'thread_name', pid: 1, tid, args: { name } } as const;
    }),
  ];
  const put = (tid: number, name: string, cat: string, from: number, to: number) => {
    const [ts, until] = [from, to].map((time) => Math.round((time - begin) * 1000)) as [number, number];
    lines.push({ ph: 'X', name, cat, ts: ts / 1000, dur: (until - ts) / 1000, pid: 1, tid });
  };
  for (let step = 0; step < steps; step++)
    put(0, `step ${step + 1}`, 'step', boundaries[step]!, boundaries[step + 1]!);
  for (const [tid, { spans, ids, starts, ends }] of recordings.entries()) {
    const names = spans.map((span) => nameOf(span, network));
    for (let event = 0; event < ids.length; event++) {
      const [from, to] = [Math.max(begin, starts[event]!), Math.min(end, ends[event]!)];
      if (from >= end || to < begin) continue;
      const id = ids[event]!;
      put(tid, names[id]!, spans[id]!.kind, from, to);
    }
  }
  const text = `{"displayTimeUnit":"ms","traceEvents":[\n${lines.map((line) => JSON.stringify(line)).join(',\n')}\n]}\n`;
  return { text, steps };
}

function nameOf(span: Span, network: Network): string {
  if (span.kind === 'layer') return `${span.layer} ${network.nodes[span.layer]!.label} ${span.pass}`;
  return span.kind === 'kernel' ? span.name : span.kind;
}
