/** What arrives first: an item of the source, its end or failure, or the oldest result. */
type Event<T, R> =
  | { readonly item: IteratorResult<T> }
  | { readonly failure: unknown }
  | { readonly result: R };

/**
 * Calls `map` for each item, up to `atOnce` at a time, and yields the results in the items' order. A result is yielded as soon as it and
 * all earlier ones are there, even while the source is slow to give its next item. When the source fails, earlier items are finished
 * first. When the results are no longer wanted, or the work fails, the source is told to end.
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
  try {
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
  } finally {
    // Not awaited: a source that waits for its next item ends only after that.
    items.return?.().catch(() => {});
  }
  if (failed !== undefined) throw failed.failure;
}

/** Iterates over either kind. */
export async function* iterated<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T> {
  yield* source;
}

/** Whether it can be iterated over, and is neither a text nor bytes. */
export const isMany = (source: unknown): boolean =>
  typeof source === 'object' &&
  source !== null &&
  !ArrayBuffer.isView(source) &&
  (Symbol.asyncIterator in source || Symbol.iterator in source);
