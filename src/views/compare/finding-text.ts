import type { Interval } from '../../evaluation/statistics/means.js';
import type { WeightsChoice } from '../../inference/trained-model.js';
import { levelText, percent, points, pValue } from '../format.js';
import { printable } from '../printable.js';
import type { Accuracy, Spread } from './figures.js';
import { type Pair, tests } from './pairs.js';

/** Figures and findings in words: the same on the page, in Markdown and on the terminal. */

/** `11.50% to 13.10%`; of differences, by `points`, `−0.30 to +1.20` */
export const range = ({ low, high }: Interval, text = percent): string => `${text(low)} to ${text(high)}`;

/** `12.30%`, of several seeds `12.30% ± 0.80%` */
export const spreadText = ({ mean, deviation }: Spread): string =>
  deviation === null ? percent(mean) : `${percent(mean)} ± ${percent(deviation)}`;

/** `12.30% (11.50% to 13.10%)` */
export const accuracyText = (accuracy: Accuracy): string =>
  `${spreadText(accuracy)} (${range(accuracy.interval)})`;

/** Whether the adjusted p is below 1 - level. */
export const isMoreThanChance = (pair: Pair, level: number): boolean =>
  pair.result !== null && pair.result.adjusted < 1 - level;

/** The result of a pair as a sentence. */
export function sentence(pair: Pair, level: number, tested: number, weights: WeightsChoice): string {
  const { a, b, result, note } = pair;
  if (result === null) return `${a} and ${b} are not tested: ${lineOf(note!)}.`;
  const { difference, interval, test, adjusted } = result;
  const [first, second, by, own] =
    difference < 0
      ? [b, a, -difference, { low: -interval.high, high: -interval.low }]
      : [a, b, difference, interval];
  const holm = tested > 1 ? `, Holm's correction for ${tested} pairs` : '';
  const using = ` with the ${weights} weights`;
  const sure = `${levelText(level)} interval ${range(own, points)}`;
  const how = `p ${pValue(adjusted).startsWith('<') ? '' : '= '}${pValue(adjusted)} (${tests[test]}${holm})`;
  const also = note === null ? '' : ` Note: ${lineOf(note)}.`;
  if (by === 0) return `${a} and ${b} have the same accuracy${using}: ${how}.${also}`;
  return isMoreThanChance(pair, level)
    ? `${first} is better than ${second} by ${pointsBy(by)}${using} (${sure}), more than chance: ${how}.${also}`
    : `${first} is ahead of ${second} by ${pointsBy(by)}${using} (${sure}), which may be chance: ${how}.${also}`;
}

/** `1.20 percentage points` */
const pointsBy = (difference: number) => `${points(difference).replace('+', '')} percentage points`;

/** On one line, without control characters, and without its full stop. */
const lineOf = (text: string): string => printable(text).replaceAll('\n', ' ').replace(/\.$/, '');
