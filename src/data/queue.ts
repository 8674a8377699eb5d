/** Runs `task` for each item, `atOnce` of them at a time. After a failure it begins no other, waits for those that run, and throws it. */
export async function forEachQueued<T>(
  items: readonly T[],
  atOnce: number,
  task: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let stop = false;
  const lane = async () => {
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
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
