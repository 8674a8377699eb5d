import type { LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import type { Line } from './lines.js';

type Option = ComposeOption<LineSeriesOption | GridComponentOption | TooltipComponentOption>;

const themes = {
  light: { ink: '#3a3f44', faint: '#e3e5e8', ground: '#ffffff' },
  dark: { ink: '#c6ccd2', faint: '#32383e', ground: '#1d2227' },
} as const;

const font = 'system-ui, sans-serif';
/** Up to so many epochs, each has a marker. */
const mostMarkers = 40;

export function chartOption(
  lines: readonly Line[],
  { title, zeroBased, isDark }: { title: string; zeroBased: boolean; isDark: boolean },
): Option {
  const { ink, faint, ground } = themes[isDark ? 'dark' : 'light'];
  const axis = {
    type: 'value' as const,
    axisLabel: { color: ink, fontFamily: font, hideOverlap: true },
    axisLine: { show: true, onZero: false, lineStyle: { color: ink } },
    axisTick: { show: true, lineStyle: { color: ink } },
    nameTextStyle: { color: ink, fontFamily: font },
  };
  return {
    animation: false,
    grid: { left: 12, right: 20, top: 12, bottom: 28, containLabel: true },
    tooltip: {
      trigger: 'axis',
      // The other way to render writes style attributes, which the page's security policy forbids.
      renderMode: 'richText',
      confine: true,
      backgroundColor: ground,
      borderColor: faint,
      textStyle: { color: ink, fontFamily: font, fontSize: 12 },
      valueFormatter: (value) => (typeof value === 'number' ? value.toPrecision(4) : '–'),
    },
    xAxis: {
      ...axis,
      ...epochRange(lines),
      name: 'epoch',
      nameLocation: 'middle',
      nameGap: 26,
      minInterval: 1,
      splitLine: { show: false },
    },
    yAxis: {
      ...axis,
      scale: !zeroBased,
      ...(zeroBased && { min: 0 }),
      // Its name stands above the chart.
      axisLabel: { ...axis.axisLabel, formatter: written },
      splitLine: { lineStyle: { color: faint } },
    },
    series: lines.map((line) => seriesOf(line, title)),
  };
}

function epochRange(lines: readonly Line[]) {
  const ends = lines.flatMap(({ x }) => (x.length === 0 ? [] : [x[0]!, x.at(-1)!]));
  // A single epoch stands in the middle, not on the edge.
  return { min: 0, max: ends.length > 0 && ends.every((end) => end === 1) ? 2 : Math.max(1, ...ends) };
}

function seriesOf({ name, x, y, color, dash, width, symbol }: Line, title: string): LineSeriesOption {
  return {
    id: `${title} ${name}`,
    name,
    type: 'line',
    data: x.map((at, i) => [at, y[i] ?? null]) as LineSeriesOption['data'] & object,
    sampling: 'lttb',
    showSymbol: x.length <= mostMarkers,
    symbol,
    symbolSize: 6,
    itemStyle: { color },
    lineStyle: { color, width, type: dash },
    emphasis: { disabled: true },
  };
}

/** `0.0001`, `12,000` */
const written = (value: number): string =>
  value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : value.toLocaleString('en-US', digits);
const digits = { maximumSignificantDigits: 6 };
