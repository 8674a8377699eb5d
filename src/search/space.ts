import { exponential, logarithm } from '../numerics/exact-math.js';
import { hash, mix, Purpose, uniform } from '../numerics/random.js';
import type { Range, SearchFile } from './search-file.js';

/** The values of a trial, by their keys in the config. */
export type TrialValues = Readonly<Record<string, unknown>>;

/**
 * The values of trial `number`, from 1: each a hash of (seed, trial, key), so that more trials or more keys change none of those that are
 * there, and the same on every machine.
 */
export const trialValues = (
  { space, seed }: Pick<SearchFile, 'space' | 'seed'>,
  number: number,
): TrialValues =>
  Object.fromEntries(
    Object.entries(space).map(([key, range]) => [
      key,
      valueIn(range, hash(seed, Purpose.search, number, textHash(key))),
    ]),
  );

/** @param bits 32 random bits */
export function valueIn(range: Range, bits: number): unknown {
  const { values, uniform: ends, logUniform, integer } = range;
  if (values !== undefined) return values[indexBelow(values.length, bits)];
  if (integer !== undefined) {
    const [low, high] = integer as [number, number];
    return low + indexBelow(high - low + 1, bits);
  }
  if (ends !== undefined) {
    const [low, high] = ends as [number, number];
    return within(low + (high - low) * uniform(bits), low, high);
  }
  const [low, high] = logUniform as [number, number];
  const from = logarithm(low);
  return within(exponential(from + (logarithm(high) - from) * uniform(bits)), low, high);
}

/** A whole number in [0, count); up to 2^20 of them the product is exact. */
const indexBelow = (count: number, bits: number) => Math.floor((bits * count) / 0x1_0000_0000);

/** Rounding may lead out of a range by a unit in the last place. */
const within = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

function textHash(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i));
  return h;
}
