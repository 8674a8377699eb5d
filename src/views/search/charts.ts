import type { EChartsOption } from 'echarts';
import type { MetricName } from '../../config/schema.js';
import { counted } from '../../data/faults.js';
import type { Measured } from '../../search/score.js';
import type { Range } from '../../search/search-file.js';
import { axisStyle } from '../charts/lines.js';
import { renderSvg } from '../charts/render.js';
import { panelSize, renderPanel } from '../charts/run-curves.js';
import { faint, font, ink, lookOf } from '../charts/theme.js';
import { axisOf, valueTicks } from '../charts/ticks.js';
import type { SearchRecord, TrialRecord } from './record.js';
import { valueText } from './tables.js';

/** Charts of a search: the score over each value, and over the rungs. */

const axisNames = {
  top1: 'validation top-1 (%)',
  balancedTop1: 'validation balanced top-1 (%)',
  loss: 'validation cross entropy (nats)',
} as const satisfies Record<MetricName, string>;

/** @param measured of a trial that did not diverge */
const scoreOf = (measured: Partial<Measured>, metric: MetricName) =>
  metric === 'loss' ? measured.loss! : 100 * measured[metric]!;

const place = { left: 66, right: 22, top: 34, bottom: 52 };

/** The score of each trial that did not diverge over its value of `key`; a colour and marker for each rung that trials end in. */
export function renderValues({ search, trials }: SearchRecord, key: string): Promise<string> {
  const { metric } = search;
  const range = search.space[key]!;
  const shown = trials.filter(({ score }) => score !== null);
  const lengths = [...new Set(shown.map(({ epochs }) => epochs))].sort((a, b) => a - b);
  const names = lengths.map((epochs) => counted(epochs, 'epoch'));
  const position = ({ values }: TrialRecord) =>
    range.values === undefined ? Number(values[key]) : valueText(values[key]);
  const option: EChartsOption = {
    legend: {
      show: lengths.length > 1,
      top: 6,
      itemWidth: 10,
      itemGap: 20,
      left: 'center',
      data: names,
      textStyle: { fontFamily: font, color: ink, fontSize: 12 },
    },
    grid: place,
    xAxis: valueAxis(key, range),
    yAxis: {
      ...axisStyle(
        axisNames[metric],
        0,
        48,
        valueTicks(
          shown.map(({ score }) => scoreOf(score!, metric)),
          'fit',
        ),
      ),
      splitLine: { lineStyle: { color: faint } },
    },
    series: lengths.map((epochs, i) => ({
      name: names[i]!,
      type: 'scatter',
      symbol: lookOf(i).symbol,
      symbolSize: 9,
      itemStyle: { color: lookOf(i).color },
      data: shown
        .filter((trial) => trial.epochs === epochs)
        .map((trial) => [position(trial), scoreOf(trial.score!, metric)]),
    })),
  };
  return renderSvg(option, panelSize);
}

/** An axis over a range: its values side by side, or from its lower end to its higher one, by powers of ten where it is logarithmic. */
function valueAxis(key: string, { values, uniform, logUniform, integer }: Range) {
  const style = {
    ...axisOf({ min: 0, max: 1, interval: 1, label: valueText }, ink, font),
    name: key,
    nameLocation: 'middle' as const,
    nameGap: 32,
    nameTextStyle: { color: ink, fontFamily: font, fontSize: 13 },
    splitLine: { show: false },
  };
  const { min: _, max: __, interval: ___, ...plain } = style;
  if (values !== undefined) {
    const data = [...new Set(values.map(valueText))];
    return { ...plain, axisLabel: { color: ink, fontFamily: font }, type: 'category' as const, data };
  }
  if (logUniform !== undefined) {
    const [low, high] = logUniform as [number, number];
    const [min, max] = [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high))];
    return { ...plain, type: 'log' as const, min, max };
  }
  const [min, max] = (uniform ?? integer) as [number, number];
  return { ...plain, type: 'value' as const, min, max, minInterval: integer === undefined ? 0 : 1 };
}

/** Of successive halving: each trial's score in the rungs that it was in, over their epochs. */
export function renderRungs({ search, rungs, trials }: SearchRecord): Promise<string> {
  const { metric } = search;
  const curves = trials
    .toReversed() // the best are drawn last, above the others
    .map(({ trial }) => {
      const points = rungs.flatMap(({ epochs, trials: own }) => {
        const found = own.find((each) => each.trial === trial);
        if (found === undefined || found.diverged) return [];
        return [[epochs!, scoreOf(found, metric)] as const];
      });
      return { points, reached: points.length };
    })
    .filter(({ reached }) => reached > 0)
    .map(({ points, reached }) => ({
      name: `to ${counted(points.at(-1)![0], 'epoch')}`,
      points,
      look: lookOf(reached - 1),
    }));
  return renderPanel({ xAxis: 'epochs', yAxis: axisNames[metric], range: 'fit', curves });
}
