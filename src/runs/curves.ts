import type { ResolvedConfig } from '../config/resolved.js';
import { writeFileWhole } from '../files/whole-file.js';
import { toPng } from '../views/charts/render.js';
import { renderCurves } from '../views/charts/run-curves.js';
import { runPath } from './directory.js';
import type { EpochMetrics } from './metrics.js';
import { trainLossExtras, trainLossNote } from './train-loss.js';

/** Writes the run's `curves.svg`, and `curves.png`, which takes sharp; `onWritten` is told of each. */
export async function writeCurves(
  directory: string,
  config: ResolvedConfig,
  epochs: readonly EpochMetrics[],
  onWritten: (file: 'curvesSvg' | 'curvesPng') => void,
): Promise<void> {
  const svg = await renderCurves(config.name, epochs, trainLossNote(trainLossExtras(config)));
  writeFileWhole(runPath(directory, 'curvesSvg'), svg);
  onWritten('curvesSvg');
  writeFileWhole(runPath(directory, 'curvesPng'), await toPng(svg));
  onWritten('curvesPng');
}
