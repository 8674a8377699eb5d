import { sharedClock } from '../platform/clock.js';
import type { Span, Trace } from '../runtime/trace.js';

/** What one thread did and when, in the order in which it began. */
export interface Recording {
  readonly spans: readonly Span[];
  /** Of each event: its span, an index of `spans`, and its begin and end, us of a clock that all threads share. */
  readonly ids: Int32Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Whether there was no room for all of it: the recording has the beginning. */
  readonly isFull: boolean;
}

/** Events that a recording has room for: 10 MiB, of which the system gives those that are used. */
const capacity = 2 ** 19;
/** Bytes for the spans, as JSON: enough for a thousand layers. */
const spanBytes = 2 ** 18;
const Word = { events: 0, spanBytes: 1 } as const;
const headerBytes = 64;

/** Memory for one thread's recording. */
export const createRecording = (): SharedArrayBuffer =>
  new SharedArrayBuffer(headerBytes + spanBytes + capacity * (4 + 8 + 8));

const viewsOf = (buffer: SharedArrayBuffer) => {
  const text = headerBytes;
  const starts = text + spanBytes;
  const ends = starts + capacity * 8;
  return {
    header: new Int32Array(buffer, 0, 2),
    text: new Uint8Array(buffer, text, spanBytes),
    starts: new Float64Array(buffer, starts, capacity),
    ends: new Float64Array(buffer, ends, capacity),
    ids: new Int32Array(buffer, ends + capacity * 8, capacity),
  };
};

/** Forget the events. While the thread rests. */
export function clearRecording(buffer: SharedArrayBuffer): void {
  viewsOf(buffer).header[Word.events] = 0;
}

/** What was recorded, in place. While the thread rests. */
export function readRecording(buffer: SharedArrayBuffer): Recording {
  const { header, text, starts, ends, ids } = viewsOf(buffer);
  const json = Buffer.from(text.slice(0, header[Word.spanBytes])).toString();
  const events = header[Word.events]!;
  return {
    spans: json === '' ? [] : JSON.parse(json),
    ids: ids.subarray(0, events),
    starts: starts.subarray(0, events),
    ends: ends.subarray(0, events),
    isFull: events > capacity,
  };
}

/** A thread's trace, in memory that the main thread reads. Nothing is allocated for an event; two looks at the clock take some 80 ns. */
export class Recorder implements Trace {
  readonly #views: ReturnType<typeof viewsOf>;
  readonly #spans: Span[] = [];
  readonly #now = sharedClock();

  constructor(buffer: SharedArrayBuffer) {
    this.#views = viewsOf(buffer);
  }

  define(span: Span): number {
    const id = this.#spans.push(span) - 1;
    const json = Buffer.from(JSON.stringify(this.#spans));
    this.#views.text.set(json);
    this.#views.header[Word.spanBytes] = json.length;
    return id;
  }

  /** @returns the event's place; behind the end, where there is no room, a typed array lets writes pass without effect */
  begin(span: number): number {
    const { header, ids, starts } = this.#views;
    const event = header[Word.events]!++;
    ids[event] = span;
    starts[event] = this.#now();
    return event;
  }

  end(event: number): void {
    this.#views.ends[event] = this.#now();
  }
}
