/**
 * The system's monotonic clock, us, which all threads share. It is this thread's `performance.now()`, which is quicker to read but begins
 * with the thread, and an offset: `performance.timeOrigin` is off by microseconds.
 */
export function sharedClock(): () => number {
  let best = { gap: Number.POSITIVE_INFINITY, offset: 0 };
  for (let i = 0; i < 20; i++) {
    const before = performance.now() * 1000;
    const [seconds, nanoseconds] = process.hrtime();
    const gap = performance.now() * 1000 - before;
    if (gap < best.gap) best = { gap, offset: seconds * 1e6 + nanoseconds / 1000 - before - gap / 2 };
  }
  const { offset } = best;
  return () => performance.now() * 1000 + offset;
}
