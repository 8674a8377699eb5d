/** What arrives first: an item of the source, its end or failure, or the oldest result. */
type Event<T, R> =
  | { readonly item: IteratorResult<T> }
  | { readonly failure: unknown }
  | { readonly result: R };

/**
 * Calls `map` for each item, up to `atOnce` at a time, and yields the results in the items' order. A result is yielded as soon as it and
 * all earlier ones are there, even while the source is slow to give its next item. When the source fails, earlier items are finished
 * first.
 */
export async function* mapInOrder<T, R>(
  items: AsyncIterator<T>,
  atOnce: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const working: Promise<Event<T, R>>[] = [];
  const read = () =>
    items.next().then(
      (item): Event<T, R> => ({ item }),
      (failure: unknown): Event<T, R> => ({ failure }),
    );
  let next: Promise<Event<T, R>> | undefined = read();
  let failed: { readonly failure: unknown } | undefined;
  while (next !== undefined || working.length > 0) {
    const oldest = working.slice(0, 1);
    const event = await Promise.race(
      next === undefined || working.length >= atOnce ? oldest : [...oldest, next],
    );
    if ('result' in event) {
      working.shift();
      yield event.result;
    } else if ('item' in event && event.item.done !== true) {
      const task = map(event.item.value).then((result): Event<T, R> => ({ result }));
      task.catch(() => {}); // thrown where the task is awaited
      working.push(task);
      next = read();
    } else {
      next = undefined;
      if ('failure' in event) failed = event;
    }
  }
  if (failed !== undefined) throw failed.failure;
}

/** Groups items into arrays of up to `most`; shorter where the source takes longer than `patience` ms. */
export async function* chunked<T>(
  source: AsyncIterable<T> | Iterable<T>,
  most: number,
  patience: number,
): AsyncGenerator<T[]> {
  const items = iteratorOf(source);
  let next = items.next();
  for (let first = await next; first.done !== true; first = await next) {
    const chunk = [first.value];
    next = items.next();
    const timer = new Timer(patience);
    while (chunk.length < most) {
      const item = await Promise.race([next, timer.late]);
      if (item === undefined || item.done === true) break;
      chunk.push(item.value);
      next = items.next();
    }
    timer.stop();
    next.catch(() => {}); // thrown where it is awaited, after the chunk is taken
    yield chunk;
  }
}

async function* iteratorOf<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* source;
}

class Timer {
  readonly late: Promise<undefined>;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.late = new Promise((resolve) => {
      this.#timer = setTimeout(resolve, milliseconds, undefined);
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
