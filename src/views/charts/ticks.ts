/** Axes with round ends and round ticks, whatever the data: of every chart, in files and on the live page. */

export interface Ticks {
  readonly min: number;
  readonly max: number;
  /** From tick to tick; min and max are whole multiples of it. */
  readonly interval: number;
  /** Each tick with as many digits as the interval needs: `0.5`, `1.0`, `1.5` */
  readonly label: (value: number) => string;
}

/** Intervals of an axis at most. */
const most = 6;

/**
 * Of values of an axis, those that are not finite left out.
 * @param range from 0; or where the values are, but at least 0.1 of them, or rounding fills the chart
 */
export function valueTicks(values: Iterable<number>, range: 'zero' | 'fit'): Ticks {
  const [low, high] = extent(values);
  // What is beyond all that is counted here, and below the precision of a division, is no size.
  if (range === 'zero') return ticks(0, high > 1e-100 ? high : 1);
  const least = Math.max(0.1, 1e-3 * Math.abs(high));
  const middle = (low + high) / 2;
  return high - low >= least ? ticks(low, high) : ticks(middle - least / 2, middle + least / 2);
}

/** Of epochs, from 0; a single one stands in the middle, not on the edge. A training is anywhere in its epoch, the axis ends with it. */
export function epochTicks(epochs: Iterable<number>): Ticks {
  const last = Math.ceil(extent(epochs)[1]);
  return ticks(0, last === 1 ? 2 : last, 1);
}

/** Of positive values by their decimal logarithms: a tick at each power of ten, `1e-3`. */
export function decadeTicks(logarithms: Iterable<number>): Ticks {
  const [low, high] = extent(logarithms);
  // A few roundings make no decade more.
  const min = Math.floor(low + 1e-9);
  return { min, max: Math.max(min + 1, Math.ceil(high - 1e-9)), interval: 1, label: (power) => `1e${power}` };
}

/** @param least the interval may be */
function ticks(low: number, high: number, least = 0): Ticks {
  const interval = Math.max(least, roundUp((high - low) / most));
  // A few roundings of a division make no interval more.
  const min = Math.floor(low / interval + 1e-9) * interval;
  const max = Math.ceil(high / interval - 1e-9) * interval;
  const digits = Math.max(0, -Math.floor(Math.log10(interval) + 1e-9));
  const plain = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: Math.min(digits, 20),
    maximumFractionDigits: Math.min(digits, 20),
  });
  const isPlain = digits <= 5 && Math.max(Math.abs(min), Math.abs(max)) < 1e6;
  // Its own multiplications leave 0.30000000000000004.
  const round = (value: number) => Number(value.toPrecision(12));
  return {
    min: round(min),
    max: round(max),
    interval: round(interval),
    label: (value) => (isPlain ? plain.format(value) : scientific(round(value))),
  };
}

/** An axis of a chart with these ticks: its line, its ticks and its texts in one colour and font. */
export const axisOf = ({ label, ...ends }: Ticks, color: string, fontFamily: string) => ({
  type: 'value' as const,
  ...ends,
  nameTextStyle: { color, fontFamily },
  axisLabel: { color, fontFamily, formatter: label },
  axisLine: { show: true, onZero: false, lineStyle: { color } },
  axisTick: { show: true, lineStyle: { color } },
});

/** 1, 2 or 5 times a power of ten, at least `value`. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return (([1, 2, 5] as const).find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}

/** `2e-6` */
const scientific = (value: number): string => (value === 0 ? '0' : value.toExponential().replace('e+', 'e'));

/** Not spread as arguments: there may be more values than a call takes. Of nothing, 0 to 1. */
function extent(values: Iterable<number>): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return low <= high ? [low, high] : [0, 1];
}
