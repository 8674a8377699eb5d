import { toPng } from '../charts/render.js';
import { renderCurves } from '../charts/run-curves.js';
import { writeFileWhole } from '../files/whole-file.js';
import { runPath } from './directory.js';
import type { EpochMetrics } from './metrics.js';

/** Writes the run's `curves.svg` and `curves.png`. */
export async function writeCurves(
  directory: string,
  name: string,
  epochs: readonly EpochMetrics[],
): Promise<void> {
  const svg = await renderCurves(name, epochs);
  const png = await toPng(svg);
  writeFileWhole(runPath(directory, 'curvesSvg'), svg);
  writeFileWhole(runPath(directory, 'curvesPng'), png);
}
