import type { EChartsOption } from 'echarts';
import { axisStyle } from './lines.js';
import { renderSvg } from './render.js';
import { panelSize } from './run-curves.js';
import { faint, font, ink, lookOf } from './theme.js';
import { valueTicks } from './ticks.js';

/** A bin of confidences, as an evaluation gives it; null where there is no sample. Fractions of 1. */
export interface ReliabilityBin {
  readonly low: number;
  readonly high: number;
  readonly samples: number;
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

const [bars, points] = [lookOf(0), lookOf(1)];

/** How often the model is right against how sure it is, and below it how many samples there are of each confidence. */
export function renderReliability(bins: readonly ReliabilityBin[]): Promise<string> {
  const size = { width: panelSize.width, height: 420 };
  const filled = bins.filter(({ samples }) => samples > 0);
  const percent = (value: number | null) => 100 * (value ?? 0);
  const hundred = valueTicks([0, 100], 'zero');
  const x = (i: number, name: string) => {
    const style = axisStyle(name, i, 32, hundred);
    return { ...style, splitLine: { show: false }, axisLabel: { ...style.axisLabel, show: i === 1 } };
  };
  const splitLine = { lineStyle: { color: faint } };
  const counts = valueTicks(
    filled.map(({ samples }) => samples),
    'zero',
  );
  const option: EChartsOption = {
    legend: {
      top: 6,
      left: 'center',
      itemWidth: 32,
      itemGap: 20,
      data: ['accuracy of a bin', 'as right as sure'],
      textStyle: { fontFamily: font, color: ink, fontSize: 13 },
    },
    grid: [
      { left: 66, right: 16, top: 38, height: 220 },
      { left: 66, right: 16, top: 280, height: 86 },
    ],
    xAxis: [x(0, ''), x(1, 'confidence (%)')],
    yAxis: [
      { ...axisStyle('accuracy (%)', 0, 48, hundred), splitLine },
      // Low: only its ends have room.
      { ...axisStyle('samples', 1, 48, { ...counts, interval: counts.max }), splitLine },
    ],
    series: [
      barSeries(
        0,
        filled.map(({ low, high, accuracy }) => [percent(low), percent(high), percent(accuracy)]),
      ),
      barSeries(
        1,
        filled.map(({ low, high, samples }) => [percent(low), percent(high), samples]),
      ),
      {
        name: 'as right as sure',
        type: 'line',
        data: [
          [0, 0],
          [100, 100],
        ],
        showSymbol: false,
        symbol: 'none',
        // The legend draws a marker all the same; this hides it.
        itemStyle: { color: ink, opacity: 0 },
        lineStyle: { color: ink, width: 1, type: 'dashed' },
      },
      {
        name: 'accuracy of a bin',
        type: 'line',
        data: filled.map(({ confidence, accuracy }) => [percent(confidence), percent(accuracy)]),
        symbol: points.symbol,
        showAllSymbol: true,
        symbolSize: 8,
        itemStyle: { color: points.color },
        lineStyle: { color: points.color, width: 2 },
      },
    ],
  };
  return renderSvg(option, size);
}

/** Bars from `low` to `high`, as tall as `value`. */
const barSeries = (panel: number, data: number[][]) => ({
  type: 'custom' as const,
  xAxisIndex: panel,
  yAxisIndex: panel,
  silent: true,
  data,
  encode: { x: [0, 1], y: 2 },
  renderItem: (_: unknown, api: { value(i: number): unknown; coord(at: number[]): number[] }) => {
    const [low, high, value] = [0, 1, 2].map((i) => Number(api.value(i))) as [number, number, number];
    const [left, top] = api.coord([low, value]) as [number, number];
    const [right, bottom] = api.coord([high, 0]) as [number, number];
    return {
      type: 'rect' as const,
      shape: { x: left + 0.5, y: top, width: right - left - 1, height: bottom - top },
      style: { fill: bars.color, opacity: 0.35 },
    };
  },
});
