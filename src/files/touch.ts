import { utimesSync } from 'node:fs';

/** Time between two touches of a file in use, ms: a file not touched for a day counts as unused. */
const touchEvery = 60 * 60 * 1000;

/** Sets a file's times to now. Ignores failures: the file may belong to another user, or be gone. */
export function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // The code that reads the file reports it.
  }
}

/** Touches a file now and every hour, until the returned function is called. */
export function keepTouched(path: string, every = touchEvery): () => void {
  touch(path);
  const touching = setInterval(() => touch(path), every).unref();
  return () => clearInterval(touching);
}
