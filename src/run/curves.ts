import { toPng } from '../charts/render.js';
import { renderCurves } from '../charts/run-curves.js';
import { writeFileWhole } from '../files/whole-file.js';
import { runPath } from './directory.js';
import type { EpochMetrics } from './metrics.js';

/** Writes the run's `curves.svg`, and `curves.png`, which takes sharp; `onWritten` is told of each. */
export async function writeCurves(
  directory: string,
  name: string,
  epochs: readonly EpochMetrics[],
  onWritten: (file: 'curvesSvg' | 'curvesPng') => void,
): Promise<void> {
  const svg = await renderCurves(name, epochs);
  writeFileWhole(runPath(directory, 'curvesSvg'), svg);
  onWritten('curvesSvg');
  writeFileWhole(runPath(directory, 'curvesPng'), await toPng(svg));
  onWritten('curvesPng');
}
