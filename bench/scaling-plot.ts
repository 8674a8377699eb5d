import { Buffer } from 'node:buffer';
import type { EChartsOption } from 'echarts';
import sharp from 'sharp';
import { writeFileWhole } from '#lockstep/files/whole-file.js';
import { loadEcharts } from '#lockstep/views/charts/render.js';
import { fastestOf, type NetworkScaling, type Point } from './scaling-model.js';

const width = 1180;
const height = 1010;
const font = 'DejaVu Sans, Liberation Sans, Helvetica, Arial, sans-serif';
const ink = '#222222';
/** Of Okabe and Ito, told apart by everyone; one for each batch. */
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7'];
/** One for each link. */
const dashes = ['solid', 'dashed', 'dotted'] as const;
const rows = ['ms a step', 'efficiency, %', 'batch needed'] as const;
const limits = [{}, { min: 0, max: 100 }, { min: 10, max: 1e6 }] as const;

/**
 * A column for each network; its step time, its efficiency, and the batch that so many ranks need, against the ranks, to `path`.svg and
 * `path`.png. A dot is where the step is shortest: more ranks stop to pay there.
 */
export async function drawScaling(
  path: string,
  wanted: number,
  networks: readonly NetworkScaling[],
): Promise<void> {
  const echarts = await loadEcharts();
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(optionOf(wanted, networks));
  const svg = chart.renderToSVGString();
  chart.dispose();
  writeFileWhole(`${path}.svg`, svg);
  writeFileWhole(`${path}.png`, await sharp(Buffer.from(svg), { density: 144 }).png().toBuffer());
}

function optionOf(wanted: number, networks: readonly NetworkScaling[]): EChartsOption {
  const text = { color: ink, fontFamily: font, fontSize: 12 };
  const panels = networks.flatMap((_, column) =>
    rows.map((_, row) => ({ column, row, left: 80 + column * 370, top: 90 + row * 305 })),
  );
  const line = { axisLabel: text, axisLine: { show: true, lineStyle: { color: ink } } };
  const named = (name: string, nameGap: number) =>
    ({ name, nameGap, nameLocation: 'middle', nameTextStyle: text }) as const;
  const names = networks[0]!.perLink.map(({ link }) => link.name);
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: text,
    legend: legendOf(networks[0]!, text),
    title: [
      ...networks.map(({ title }, column) => ({
        text: title,
        left: 80 + column * 370 + 140,
        top: 56,
        textAlign: 'center' as const,
        textStyle: { ...text, fontSize: 15 },
      })),
      {
        text: `Lines: ${names.map((name, i) => `${name} ${dashes[i % 3]}`).join(', ')}. A dot: the shortest step.`,
        left: 'center',
        top: 30,
        textStyle: { ...text, fontWeight: 'normal' },
      },
    ],
    grid: panels.map(({ left, top }) => ({ left, top, width: 280, height: 235 })),
    xAxis: panels.map((_, gridIndex) => ({
      type: 'log',
      gridIndex,
      min: 1,
      max: 1000,
      ...named('ranks', 26),
      ...line,
      splitLine: { lineStyle: { color: '#e3e3e3' } },
    })),
    yAxis: panels.map(({ row }, gridIndex) => ({
      type: row === 1 ? 'value' : 'log',
      gridIndex,
      ...limits[row],
      ...named(row === 2 ? `batch for ${Math.round(wanted * 100)}%` : rows[row]!, 50),
      ...line,
      axisLabel: { ...text, formatter: short },
      splitLine: { lineStyle: { color: '#e3e3e3' } },
    })) as EChartsOption['yAxis'],
    series: panels.flatMap(({ column, row }, grid) => seriesOf(networks[column]!, row, grid)),
  } as EChartsOption;
}

const nameOf = (batch: number) => `batch ${batch.toLocaleString('en')}`;

const legendOf = ({ perLink }: NetworkScaling, textStyle: object) => ({
  top: 4,
  itemGap: 24,
  data: perLink[0]!.curves.map(({ batch }) => nameOf(batch)),
  textStyle,
});

function seriesOf({ perLink }: NetworkScaling, row: number, grid: number) {
  const base = { type: 'line', xAxisIndex: grid, yAxisIndex: grid, symbol: 'none' };
  return perLink.flatMap(({ curves, needed }, link) => {
    const lineStyle = { width: 2, type: dashes[link % dashes.length] };
    if (row === 2) {
      const data = needed.flatMap(({ ranks, batch }) => (batch === undefined ? [] : [[ranks, batch]]));
      return [{ ...base, data, itemStyle: { color: ink }, lineStyle: { ...lineStyle, color: ink } }];
    }
    const value = ({ time, efficiency }: Point) => (row === 0 ? time * 1e3 : efficiency * 100);
    return curves.map(({ batch, points }, i) => {
      const color = colours[i % colours.length]!;
      const best = fastestOf(points);
      const dot = { coord: [best.ranks, value(best)], symbol: 'circle', symbolSize: 8 };
      return {
        ...base,
        name: nameOf(batch),
        data: points.map((point) => [point.ranks, value(point)]),
        itemStyle: { color },
        lineStyle: { ...lineStyle, color },
        markPoint: { data: [dot], label: { show: false }, itemStyle: { color } },
      };
    });
  });
}

/** 1000000 as 1 M */
const short = (value: number): string =>
  value >= 1e6 ? `${value / 1e6} M` : value >= 1e3 ? `${value / 1e3} k` : `${value}`;
