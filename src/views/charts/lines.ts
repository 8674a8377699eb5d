import type { CustomSeriesOption, EChartsOption, LineSeriesOption } from 'echarts';
import { faint, font, ink, type Look, lineStyleOf, mostMarkers } from './theme.js';
import { axisOf, epochTicks, type Ticks, valueTicks } from './ticks.js';

/** A curve over epochs, or over anything else that is counted from 0. A value that is not finite leaves a gap. */
export interface Curve {
  /** In the legend; curves of one name share its entry. */
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  readonly look: Look;
  /** A faint area around it, such as the range of several seeds. */
  readonly band?: readonly (readonly [x: number, low: number, high: number])[];
  /** Thin and without markers: what is beside the curve that matters. */
  readonly thin?: boolean;
  /** Markers without a line: single values; or a line without markers, whatever its number of points. */
  readonly only?: 'markers' | 'line';
}

export interface Panel {
  /** Names of the axes, with units. */
  readonly xAxis: string;
  readonly yAxis: string;
  readonly curves: readonly Curve[];
  /** By default those of epochs. */
  readonly xTicks?: Ticks;
  /** As `valueTicks` has it. */
  readonly range: 'zero' | 'fit';
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
export function linesOption(
  panels: readonly Panel[],
  legend: Legend,
  { title, note }: { readonly title?: string; readonly note?: string | undefined } = {},
): EChartsOption {
  const titles = [
    title !== undefined && {
      text: title,
      left: 'center',
      top: 12,
      textStyle: { fontFamily: font, color: ink, fontSize: 18 },
    },
    // What must be known to read the curves, below them.
    note !== undefined && {
      text: note,
      left: 'center',
      bottom: 0,
      textStyle: {
        fontFamily: font,
        color: ink,
        fontSize: 11,
        lineHeight: 15,
        fontWeight: 'normal' as const,
      },
    },
  ].filter((each) => each !== false);
  return {
    title: titles,
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
      ...axisStyle(
        panel.xAxis,
        i,
        32,
        panel.xTicks ?? epochTicks(panel.curves.flatMap(({ points }) => points.map(([x]) => x))),
      ),
      splitLine: { show: false },
    })),
    yAxis: panels.map((panel, i) => ({
      ...axisStyle(panel.yAxis, i, 48, valueTicks(valuesOf(panel), panel.range)),
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

const valuesOf = ({ curves }: Panel): number[] =>
  curves.flatMap(({ points, band = [] }) => [
    ...points.map(([, y]) => y),
    ...band.flatMap(([, ...ends]) => ends),
  ]);

/** @param gridIndex the panel; `nameGap` units between the axis and its name */
export function axisStyle(name: string, gridIndex: number, nameGap: number, ticks: Ticks) {
  const axis = axisOf(ticks, ink, font);
  return {
    ...axis,
    gridIndex,
    name,
    nameLocation: 'middle' as const,
    nameGap,
    nameTextStyle: { ...axis.nameTextStyle, fontSize: 13 },
    axisLabel: { ...axis.axisLabel, fontSize: 12 },
  };
}

function lineSeries({ name, points, look, thin = false, only }: Curve, panel: number): LineSeriesOption {
  return {
    name,
    type: 'line',
    xAxisIndex: panel,
    yAxisIndex: panel,
    data: points.map(([x, y]) => [x, Number.isFinite(y) ? y : '-']),
    showSymbol: !thin && only !== 'line' && points.length <= mostMarkers,
    showAllSymbol: true,
    ...lineStyleOf(look, only === 'markers' ? 0 : thin ? 1 : 2),
    // The legend has a marker where the symbol is none.
    ...(only === 'line' && { itemStyle: { opacity: 0 } }),
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
