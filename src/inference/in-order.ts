/** What has come first: an item of the source, its end or its failure, or the oldest result. */
type Event<T, R> =
  | { readonly item: IteratorResult<T> }
  | { readonly failure: unknown }
  | { readonly result: R };

/**
 * The result of `map` for each item, in the items' order, with up to `atOnce` of them at work. A result is given as soon as it and those
 * before it are there, even while the source keeps one waiting for its next item. When the source fails, what it gave before is
 * finished first.
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
      task.catch(() => {}); // whoever waits for it hears of it
      working.push(task);
      next = read();
    } else {
      next = undefined;
      if ('failure' in event) failed = event;
    }
  }
  if (failed !== undefined) throw failed.failure;
}

/** Arrays of up to `most` items; fewer where the source keeps one waiting for longer than `patience` ms. */
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
    next.catch(() => {}); // it is awaited when the chunk is taken
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
