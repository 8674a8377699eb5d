import { sharedClock } from '../platform/clock.js';
import type { Span, Trace } from '../runtime/trace.js';

/** The events of one thread, in the order of their begins. */
export interface Recording {
  readonly spans: readonly Span[];
  /** For each event: its span (an index of `spans`), begin and end, us of a clock that all threads share. */
  readonly ids: Int32Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Whether the memory was too small, so that the recording has only the first events. */
  readonly isFull: boolean;
}

/** Capacity in events: 10 MiB, of which the system only allocates the used pages. */
const capacity = 2 ** 19;
/** Bytes for the spans as JSON: enough for a thousand layers. */
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

/** Deletes the events. Only while the thread is idle. */
export function clearRecording(buffer: SharedArrayBuffer): void {
  viewsOf(buffer).header[Word.events] = 0;
}

/** The recording, as views of the memory. Only while the thread is idle. */
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

/** Records a thread's events in memory that the main thread reads. An event allocates nothing; its two clock readings take about 80 ns. */
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

  /** @returns the event's index. When the memory is full, it lies beyond the arrays' ends, where writes have no effect */
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
