import { Buffer } from 'node:buffer';
import type { EChartsOption } from 'echarts';
import { sharp } from '../../data/images/sharp.js';
import { outlined } from '../pictures/outlines.js';
import { printableMarkup } from '../printable.js';
import { font, ink, paper } from './theme.js';

/**
 * The chart library, loaded when the first picture is drawn. The bundle, not the modules that a line chart needs: those are hundreds of
 * files, which take 40 MB more and longer to load.
 */
export const loadEcharts = (): Promise<typeof import('echarts')> =>
  import('echarts/dist/echarts.esm.min.mjs');

/** Units of an SVG, pixels of a page. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Pixels of a PNG per unit of the SVG. */
const density = 2;

/** A chart as an SVG document, light, on its own ground. */
export async function renderSvg(option: EChartsOption, size: Size): Promise<string> {
  const echarts = await loadEcharts();
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    const textStyle = { fontFamily: font, color: ink, fontSize: 13 };
    chart.setOption({ animation: false, backgroundColor: paper, textStyle, ...option });
    return printableMarkup(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** The picture as a PNG with twice the pixels of the SVG. */
export async function toPng(svg: string): Promise<Buffer> {
  // 72 dots an inch draw one pixel per unit.
  return sharp(Buffer.from(await outlined(svg)), { density: 72 * density })
    .png()
    .toBuffer();
}
