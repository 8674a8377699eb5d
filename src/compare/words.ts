import { printable } from '../run/format.js';
import type { Interval } from '../statistics/means.js';
import type { Accuracy } from './figures.js';
import { type Pair, tests } from './pairs.js';

/** Figures and findings in words: the same on the page, in Markdown and on the terminal. */

/** What has no value. */
export const none = '–';

/** `0.123` */
export const fraction = (value: number): string => value.toFixed(3);

/** With a sign, a real minus: `+0.012`, `−0.003`, `0.000`. */
export function signed(value: number): string {
  const text = fraction(Math.abs(value));
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
}

/** `0.115 to 0.131`; with `sign` `−0.003 to +0.012` */
export const range = ({ low, high }: Interval, text = fraction): string => `${text(low)} to ${text(high)}`;

/** `0.123`, of several seeds `0.123 ± 0.008`; with the interval `0.123 (0.115 to 0.131)`. */
export function accuracyText({ mean, deviation, interval }: Accuracy, withInterval: boolean): string {
  const spread = deviation === null ? '' : ` ± ${fraction(deviation)}`;
  return `${fraction(mean)}${spread}${withInterval ? ` (${range(interval)})` : ''}`;
}

/** `0.032`, `< 0.0001` */
export const probability = (p: number): string => (p < 1e-4 ? '< 0.0001' : p.toPrecision(2));

/** Whether it is rarer than 1 - level, of all pairs together. */
export const isMoreThanChance = (pair: Pair, level: number): boolean =>
  pair.result !== null && pair.result.adjusted < 1 - level;

/** What a pair comes to, in a sentence. */
export function sentence(pair: Pair, level: number, tested: number): string {
  const { a, b, result, note } = pair;
  if (result === null) return `${a} and ${b} are not tested: ${lineOf(note!)}.`;
  const { difference, interval, test, adjusted } = result;
  const [first, second, by, own] =
    difference < 0
      ? [b, a, -difference, { low: -interval.high, high: -interval.low }]
      : [a, b, difference, interval];
  const holm = tested > 1 ? `, Holm's correction for ${tested} pairs` : '';
  const sure = `${Math.round(100 * level)}% interval ${range(own, signed)}`;
  const how = `p ${probability(adjusted).startsWith('<') ? '' : '= '}${probability(adjusted)} (${tests[test]}${holm})`;
  const also = note === null ? '' : ` Note: ${lineOf(note)}.`;
  if (by === 0) return `${a} and ${b} have the same accuracy: ${how}.${also}`;
  return isMoreThanChance(pair, level)
    ? `${first} is better than ${second} by ${fraction(by)} (${sure}), more than chance: ${how}.${also}`
    : `${first} is ahead of ${second} by ${fraction(by)} (${sure}), which may be chance: ${how}.${also}`;
}

/** On one line, without what would steer a terminal, and without its full stop. */
const lineOf = (text: string): string => printable(text).replaceAll('\n', ' ').replace(/\.$/, '');
