import { Buffer } from 'node:buffer';
import type { EChartsOption } from 'echarts';
import sharp from 'sharp';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { loadEcharts } from '#lockstep/views/charts/render.js';

/** Time against one size, the others as in `base`. */
export interface Growth {
  readonly title: string;
  /** Of the size, for an axis. */
  readonly size: string;
  /** Of the time, for an axis. */
  readonly time: string;
  readonly points: readonly { readonly size: number; readonly milliseconds: number }[];
}

const width = 1000;
const height = 760;
const font = 'DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif';
const ink = '#222222';

/** Four panels, both axes logarithmic (a line of slope 1 is proportional growth), to `path`.svg and `path`.png. */
export async function drawGrowth(path: string, measured: readonly Growth[]): Promise<void> {
  const echarts = await loadEcharts();
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(optionOf(measured));
  const svg = chart.renderToSVGString();
  chart.dispose();
  writeFileWhole(`${path}.svg`, svg);
  writeFileWhole(`${path}.png`, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer());
}

function optionOf(measured: readonly Growth[]): EChartsOption {
  const place = (i: number) => ({ left: i % 2 === 0 ? 75 : 580, top: i < 2 ? 50 : 430 });
  const text = { color: ink, fontFamily: font, fontSize: 13 };
  const axis = (name: string, gap: number, gridIndex: number, values: readonly number[]) =>
    ({
      type: 'log',
      gridIndex,
      min: 10 ** Math.floor(Math.log10(Math.min(...values))),
      max: 10 ** Math.ceil(Math.log10(Math.max(...values))),
      name,
      nameLocation: 'middle',
      nameGap: gap,
      nameTextStyle: text,
      axisLabel: { ...text, fontSize: 12, formatter: (value: number) => short(value) },
      axisLine: { show: true, lineStyle: { color: ink } },
      splitLine: { lineStyle: { color: '#e3e3e3' } },
    }) as const;
  return {
    animation: false,
    backgroundColor: '#ffffff',
    title: measured.map((growth, i) => ({
      text: growth.title,
      left: place(i).left + 170,
      top: place(i).top - 36,
      textAlign: 'center',
      textStyle: { ...text, fontSize: 15 },
    })),
    grid: measured.map((_, i) => ({ ...place(i), width: 380, height: 250 })),
    xAxis: measured.map(({ size, points }, i) =>
      axis(
        size,
        30,
        i,
        points.map((p) => p.size),
      ),
    ),
    yAxis: measured.map(({ time, points }, i) =>
      axis(
        time,
        48,
        i,
        points.map((p) => p.milliseconds),
      ),
    ),
    series: measured.map((growth, i) => ({
      type: 'line',
      xAxisIndex: i,
      yAxisIndex: i,
      data: growth.points.map((p) => [p.size, p.milliseconds]),
      symbol: 'circle',
      symbolSize: 7,
      itemStyle: { color: '#0072B2' },
      lineStyle: { color: '#0072B2', width: 2 },
    })),
  };
}

/** 1000000 as 1 M */
const short = (value: number): string =>
  value >= 1e6 ? `${value / 1e6} M` : value >= 1e3 ? `${value / 1e3} k` : `${value}`;
