export interface Result {
  readonly passed: number;
  /** At least 1 where the file is not good, whatever the reason. */
  readonly failed: number;
  readonly skipped: number;
  /** What each test that was left out needs; see `needing`. */
  readonly missing: readonly string[];
}

/**
 * What a test file's process has found. Its total, as uvu counts, is without the tests that were left out. Not good is a file that ends
 * without its summary or with another code than 0, that tests nothing, or that leaves a test out without a reason.
 *
 * @param said its output, without colours
 */
export function readResult(code: number | null, said: string): Result {
  const count = (what: string) => Number(new RegExp(`^ {2}${what}: +(\\d+)`, 'm').exec(said)?.[1] ?? 0);
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')];
  const missing = [...said.matchAll(/^left out, needs (.+?): /gm)].map(([, what]) => what!);
  const isGood = code === 0 && total + skipped > 0 && missing.length === skipped;
  return { passed, failed: Math.max(total - passed, isGood ? 0 : 1), skipped, missing };
}
