import { utimesSync } from 'node:fs';

/** How often what is in use shows it, ms: what was not touched for a day counts as unused. */
const touchEvery = 60 * 60 * 1000;

/** Gives a file the time of now, where that can be done: it may be another user's, or gone. */
export function touch(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // Whoever needs the file meets it again.
  }
}

/** Touches a file now and every hour, until the returned function is called. */
export function keepTouched(path: string, every = touchEvery): () => void {
  touch(path);
  const touching = setInterval(() => touch(path), every).unref();
  return () => clearInterval(touching);
}
