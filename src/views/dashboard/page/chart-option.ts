import type { LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { lineStyleOf, mostMarkers } from '../../charts/theme.js';
import { axisOf, type Ticks, valueTicks } from '../../charts/ticks.js';
import { none } from '../../format.js';
import type { Line } from './lines.js';

type Option = ComposeOption<LineSeriesOption | GridComponentOption | TooltipComponentOption>;

const themes = {
  light: { ink: '#3a3f44', faint: '#e3e5e8', ground: '#ffffff' },
  dark: { ink: '#c6ccd2', faint: '#32383e', ground: '#1d2227' },
} as const;

const font = 'system-ui, sans-serif';

export interface ChartLook {
  readonly title: string;
  /** Range of the horizontal axis. */
  readonly epochs: Ticks;
  /** Ticks of the vertical axis, from `valueTicks`. */
  readonly range: 'zero' | 'fit';
  /** Formats a value for the tooltip. */
  readonly written: (value: number) => string;
  readonly isDark: boolean;
}

export function chartOption(
  lines: readonly Line[],
  { title, epochs, range, written, isDark }: ChartLook,
): Option {
  const { ink, faint, ground } = themes[isDark ? 'dark' : 'light'];
  const axis = (ticks: Ticks) => {
    const option = axisOf(ticks, ink, font);
    return { ...option, axisLabel: { ...option.axisLabel, hideOverlap: true } };
  };
  return {
    animation: false,
    grid: { left: 12, right: 20, top: 12, bottom: 28, containLabel: true },
    tooltip: {
      trigger: 'axis',
      // The HTML mode writes style attributes, which the page's security policy forbids.
      renderMode: 'richText',
      confine: true,
      backgroundColor: ground,
      borderColor: faint,
      textStyle: { color: ink, fontFamily: font, fontSize: 12 },
      valueFormatter: (value) => (typeof value === 'number' ? written(value) : none),
    },
    xAxis: {
      ...axis(epochs),
      name: 'epoch',
      nameLocation: 'middle',
      nameGap: 26,
      // The tooltip's heading. Steps lie between two epochs.
      axisPointer: { label: { formatter: ({ value }) => `epoch ${Number(Number(value).toFixed(2))}` } },
      splitLine: { show: false },
    },
    yAxis: {
      // No name: the chart's title has it.
      ...axis(
        valueTicks(
          lines.flatMap(({ y }) => y.filter((value) => value !== null)),
          range,
        ),
      ),
      splitLine: { lineStyle: { color: faint } },
    },
    series: lines.map((line) => seriesOf(line, title)),
  };
}

function seriesOf({ name, x, y, ...look }: Line, title: string): LineSeriesOption {
  return {
    id: `${title} ${name}`,
    name,
    type: 'line',
    data: x.map((at, i) => [at, y[i] ?? null]) as LineSeriesOption['data'] & object,
    sampling: 'lttb',
    showSymbol: x.length <= mostMarkers,
    ...lineStyleOf(look, look.width),
    emphasis: { disabled: true },
  };
}
