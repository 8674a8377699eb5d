/** Runs `task` for each item, `atOnce` at a time. After a failure it starts no more tasks, waits for the running ones, and throws. */
export async function forEachQueued<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let stop = false;
  const runNext = async () => {
    while (!stop && next < items.length) {
      const index = next++;
      try {
        await task(items[index]!, index);
      } catch (error) {
        stop = true;
        throw error;
      }
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, runNext));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
