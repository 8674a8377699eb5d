import { Buffer } from 'node:buffer';
import type { LineSeriesOption } from 'echarts/charts';
import type { GridComponentOption, LegendComponentOption, TitleComponentOption } from 'echarts/components';
import type { ComposeOption } from 'echarts/core';
import { writeFileWhole } from '../files/whole-file.js';
import { runPath } from './directory.js';
import { loadEcharts } from './echarts.js';
import type { EpochMetrics, SplitMetrics } from './metrics.js';

type Option = ComposeOption<
  LineSeriesOption | GridComponentOption | LegendComponentOption | TitleComponentOption
>;

const width = 1000;
const height = 440;
/** Pixels of the PNG per unit of the SVG. */
const density = 2;

/** Fonts that Linux, macOS and Windows have, then whatever the machine takes for a plain one. */
const font = 'DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif';
const ink = '#222222';
const faint = '#e3e3e3';

/** Okabe and Ito's blue and vermilion, which colour-blind readers tell apart; and the dashes do without colour. */
const lines = {
  train: { color: '#0072B2', dash: 'solid', symbol: 'circle' },
  validation: { color: '#D55E00', dash: 'dashed', symbol: 'diamond' },
} as const;

const panels = [
  {
    axis: 'cross entropy (nats per sample)',
    left: 75,
    zeroBased: false,
    of: (split: SplitMetrics) => split.loss,
  },
  { axis: 'top-1 accuracy (%)', left: 575, zeroBased: true, of: (split: SplitMetrics) => 100 * split.top1 },
] as const;

/** Loss and top-1 accuracy against the epoch, as an SVG document. */
export async function renderCurves(name: string, epochs: readonly EpochMetrics[]): Promise<string> {
  const echarts = await loadEcharts();
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(curvesOption(name, epochs));
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Writes the run's `curves.svg` and `curves.png`. */
export async function writeCurves(
  directory: string,
  name: string,
  epochs: readonly EpochMetrics[],
): Promise<void> {
  const svg = await renderCurves(name, epochs);
  const { default: sharp } = await import('sharp');
  // 72 dots an inch draw one pixel per unit.
  const png = await sharp(Buffer.from(svg), { density: 72 * density })
    .png()
    .toBuffer();
  writeFileWhole(runPath(directory, 'curvesSvg'), svg);
  writeFileWhole(runPath(directory, 'curvesPng'), png);
}

function curvesOption(name: string, epochs: readonly EpochMetrics[]): Option {
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: font, color: ink, fontSize: 13 },
    title: { text: name, left: 'center', top: 12, textStyle: { fontFamily: font, color: ink, fontSize: 18 } },
    legend: {
      top: 46,
      left: 'center',
      itemWidth: 44,
      itemGap: 28,
      data: Object.keys(lines),
      textStyle: { fontFamily: font, color: ink, fontSize: 13 },
    },
    grid: panels.map(({ left }) => ({ left, width: 395, top: 90, bottom: 62 })),
    xAxis: panels.map((_, i) => epochAxis(i, epochs)),
    yAxis: panels.map(({ axis, of, zeroBased }, i) => ({
      ...axisStyle(axis, i, 48),
      ...valueRange(
        epochs.flatMap(({ train, validation }) => [of(train), of(validation)]),
        zeroBased,
      ),
      splitLine: { lineStyle: { color: faint } },
    })),
    series: panels.flatMap(({ of }, i) => [
      curve(
        'train',
        i,
        epochs.map(({ epoch, train }) => [epoch, of(train)]),
      ),
      curve(
        'validation',
        i,
        epochs.map(({ epoch, validation }) => [epoch, of(validation)]),
      ),
    ]),
  };
}

function epochAxis(index: number, epochs: readonly EpochMetrics[]) {
  const first = epochs[0]?.epoch ?? 1;
  const last = epochs.at(-1)?.epoch ?? 1;
  return {
    ...axisStyle('epoch', index, 32),
    // A single epoch stands in the middle, not on the edge.
    min: first === last ? first - 1 : first,
    max: first === last ? last + 1 : last,
    minInterval: 1,
    splitLine: { show: false },
  };
}

/** Accuracies are shown from 0; losses where they are, but at least 0.1 nats of them, or rounding fills the panel. */
function valueRange(values: readonly number[], zeroBased: boolean) {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  if (zeroBased) return { min: 0 };
  if (!(max - min < 0.1)) return { scale: true };
  return { min: Math.floor(10 * min) / 10, max: (Math.floor(10 * max) + 1) / 10 };
}

function axisStyle(name: string, gridIndex: number, nameGap: number) {
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

function curve(split: keyof typeof lines, panel: number, data: number[][]): LineSeriesOption {
  const { color, dash, symbol } = lines[split];
  return {
    name: split,
    type: 'line',
    xAxisIndex: panel,
    yAxisIndex: panel,
    data,
    // Markers show where the epochs are, until there are too many to tell apart.
    showSymbol: data.length <= 40,
    showAllSymbol: true,
    symbol,
    symbolSize: 6,
    itemStyle: { color },
    lineStyle: { color, width: 2, type: dash },
  };
}
