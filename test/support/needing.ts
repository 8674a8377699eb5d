import type { uvu } from 'uvu';

/**
 * A test of what not every machine has. Every test that is left out goes through here: `run.ts` counts the lines by what was missing,
 * and a test that is left out without one fails its file.
 */
export function needing<T>(test: uvu.Test<T>, what: string, isThere: boolean): uvu.Test<T> {
  if (isThere) return test;
  const leftOut = (name: string) => {
    console.log(`left out, needs ${what}: ${name}`);
    test.skip();
  };
  const hook = Object.assign(() => {}, { each() {} });
  // What is set up before and after belongs to tests that do not run.
  return Object.assign(leftOut, test, { before: hook, after: hook });
}

/**
 * A child, or what a test waits for, hangs if it has not ended after this, ms. It guards against a run without an end and measures
 * nothing: a machine that is a hundred times slower passes too.
 */
export const hang = 600_000;
