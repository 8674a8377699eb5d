/** What a thread spends time on. */
export type Span =
  /** A layer's pass, by its number among the network's layers. */
  | { readonly kind: 'layer'; readonly layer: number; readonly pass: Pass }
  /** A kernel's call, within any other span. */
  | { readonly kind: 'kernel'; readonly name: string }
  | { readonly kind: Part }
  /** What holds the others: an item of the batch, and a shard. */
  | { readonly kind: 'item' | 'shard' };

export const passes = ['prepare', 'forward', 'backward'] as const;
export type Pass = (typeof passes)[number];

/**
 * What a step does besides its layers. It begins with `opening`: the coordinator lets items be taken, and wakes threads; in
 * `finishing`, the thread that was last with its item wakes the coordinator.
 */
export const parts = [
  'opening',
  'gather',
  'loss',
  'reduction',
  'finishing',
  'metrics',
  'optimizer',
  'waiting',
] as const;
export type Part = (typeof parts)[number];

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

// biome-ignore lint/suspicious/noExplicitAny: whatever its parameters are
type Method = (...args: any[]) => any;

/** A thread's way of writing down what it does. Nothing is allocated for an event; two looks at the clock take some 80 ns. */
export class Recorder {
  readonly #views: ReturnType<typeof viewsOf>;
  readonly #spans: Span[] = [];
  readonly #offset = clockOffset();

  constructor(buffer: SharedArrayBuffer) {
    this.#views = viewsOf(buffer);
  }

  /** From now on, record each call of a method of `object`. */
  time<M extends string>(object: Record<M, Method>, method: M, span: Span): void {
    const id = this.#define(span);
    const work = object[method].bind(object);
    object[method] = (...args) => {
      const event = this.#begin(id);
      try {
        return work(...args);
      } finally {
        this.#views.ends[event] = this.#now();
      }
    };
  }

  /** @returns the event's place; behind the end, where there is no room, a typed array lets writes pass without effect */
  #begin(id: number): number {
    const { header, ids, starts } = this.#views;
    const event = header[Word.events]!++;
    ids[event] = id;
    starts[event] = this.#now();
    return event;
  }

  #define(span: Span): number {
    const id = this.#spans.push(span) - 1;
    const json = Buffer.from(JSON.stringify(this.#spans));
    this.#views.text.set(json);
    this.#views.header[Word.spanBytes] = json.length;
    return id;
  }

  /** us */
  #now(): number {
    return performance.now() * 1000 + this.#offset;
  }
}

/**
 * What to add to this thread's `performance.now()`, us, for the system's monotonic clock: the former begins with the thread, and
 * `performance.timeOrigin` is off by microseconds.
 */
function clockOffset(): number {
  let best = { gap: Number.POSITIVE_INFINITY, offset: 0 };
  for (let i = 0; i < 20; i++) {
    const before = performance.now() * 1000;
    const [seconds, nanoseconds] = process.hrtime();
    const gap = performance.now() * 1000 - before;
    if (gap < best.gap) best = { gap, offset: seconds * 1e6 + nanoseconds / 1000 - before - gap / 2 };
  }
  return best.offset;
}
