import type { CustomSeriesOption, EChartsOption, LineSeriesOption } from 'echarts';
import { faint, font, ink, type Look } from './theme.js';

/** A curve over epochs, or over anything else that is a number. A value that is not finite leaves a gap. */
export interface Curve {
  /** In the legend; curves of one name share its entry. */
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly look: Look;
  /** A faint area around it, such as the range of several seeds. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
  /** Thin and without markers: what is beside the curve that matters. */
  readonly thin?: boolean;
}

export interface Panel {
  /** Names of the axes, with units. */
  readonly xAxis: string;
  readonly yAxis: string;
  readonly curves: readonly Curve[];
  /** From 0; or where the values are, but at least 0.1 of them, or rounding fills the panel; or these bounds. */
  readonly range: 'zero' | 'fit' | { readonly min: number; readonly max: number };
  /** Between the axes, in units from the picture's edges. */
  readonly place: { left: number; top: number; bottom: number; width?: number; right?: number };
}

/** Above the panels, in as many lines as it takes. */
interface Legend {
  readonly names: readonly string[];
  readonly top: number;
  /** Between two names, and between two lines. */
  readonly gap: number;
}

/** Panels side by side, each with its axes, and one legend and title above them all. */
export function linesOption(panels: readonly Panel[], legend: Legend, title?: string): EChartsOption {
  return {
    ...(title !== undefined && {
      title: {
        text: title,
        left: 'center',
        top: 12,
        textStyle: { fontFamily: font, color: ink, fontSize: 18 },
      },
    }),
    legend: {
      top: legend.top,
      left: 'center',
      itemWidth: 44,
      itemGap: legend.gap,
      data: [...legend.names],
      formatter: shortened,
      textStyle: { fontFamily: font, color: ink, fontSize: 13 },
    },
    grid: panels.map(({ place }) => place),
    xAxis: panels.map((panel, i) => ({
      ...axisStyle(panel.xAxis, i, 32),
      ...wholeRange(panel.curves.flatMap(({ points }) => points.map(([x]) => x))),
      splitLine: { show: false },
    })),
    yAxis: panels.map((panel, i) => ({
      ...axisStyle(panel.yAxis, i, 48),
      ...valueRange(panel),
      splitLine: { lineStyle: { color: faint } },
    })),
    series: panels.flatMap(({ curves }, i) => [
      ...curves.flatMap((curve) => (curve.band === undefined ? [] : [bandSeries(curve, i)])),
      ...curves.map((curve) => lineSeries(curve, i)),
    ]),
  };
}

/** Of a name in the legend. */
export const mostLetters = 44;

/** Without its middle: names of runs differ at their ends. */
const shortened = (name: string) =>
  name.length <= mostLetters ? name : `${name.slice(0, mostLetters / 2 - 1)}…${name.slice(-mostLetters / 2)}`;

/** Of counts, such as epochs. A single one stands in the middle, not on the edge. */
function wholeRange(values: readonly number[]) {
  const [first, last] = values.length === 0 ? [1, 1] : [minimum(values), maximum(values)];
  return {
    min: first === last ? first - 1 : first,
    max: first === last ? last + 1 : last,
    minInterval: 1,
  };
}

function valueRange({ range, curves }: Panel) {
  if (range === 'zero') return { min: 0 };
  if (range !== 'fit') return range;
  const values = curves
    .flatMap(({ points, band = [] }) => [...points.map(([, y]) => y), ...band.flatMap(([, ...ends]) => ends)])
    .filter(Number.isFinite);
  const [min, max] = [minimum(values), maximum(values)];
  if (!(max - min < 0.1)) return { scale: true };
  return { min: Math.floor(10 * min) / 10, max: (Math.floor(10 * max) + 1) / 10 };
}

// Not spread as arguments: there may be more values than a call takes.
const minimum = (values: readonly number[]) =>
  values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
const maximum = (values: readonly number[]) =>
  values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);

export function axisStyle(name: string, gridIndex: number, nameGap: number) {
  return {
    type: 'value' as const,
    gridIndex,
    name,
    nameLocation: 'middle' as const,
    nameGap,
    nameTextStyle: { fontFamily: font, color: ink, fontSize: 13 },
    axisLabel: { fontFamily: font, color: ink, fontSize: 12 },
    axisLine: { show: true, onZero: false, lineStyle: { color: ink } },
    axisTick: { show: true, lineStyle: { color: ink } },
  };
}

function lineSeries({ name, points, look, thin = false }: Curve, panel: number): LineSeriesOption {
  const { color, dash, symbol } = look;
  return {
    name,
    type: 'line',
    xAxisIndex: panel,
    yAxisIndex: panel,
    data: points.map(([x, y]) => [x, Number.isFinite(y) ? y : '-']),
    // Markers show where the epochs are, until there are too many to tell apart.
    showSymbol: !thin && points.length <= 40,
    showAllSymbol: true,
    symbol,
    symbolSize: 6,
    itemStyle: { color },
    lineStyle: { color, width: thin ? 1 : 2, type: dash },
  };
}

/** The area between the band's ends. Without a name, so that it has no entry in the legend. */
function bandSeries({ band = [], look }: Curve, panel: number): CustomSeriesOption {
  const edge = [...band.map(([x, low]) => [x, low]), ...band.toReversed().map(([x, , high]) => [x, high])];
  return {
    type: 'custom',
    xAxisIndex: panel,
    yAxisIndex: panel,
    silent: true,
    // One item draws all; the data's extent is what the axes are made for.
    data: edge,
    renderItem: ({ dataIndex }, api) =>
      dataIndex > 0
        ? null
        : {
            type: 'polygon',
            shape: { points: edge.map((point) => api.coord(point)) },
            style: { fill: look.color, opacity: 0.18 },
          },
  };
}
