import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { toPng } from '../charts/render.js';
import { makeFolder } from '../files/folder.js';
import { writeFileWhole } from '../files/whole-file.js';
import type { SavedRun } from '../run/saved-run.js';
import { gatherReport } from './content.js';
import type { JudgeOptions } from './judged.js';
import { drawPlots, plotNames } from './plots.js';
import { renderReport } from './report-page.js';

/** Names of the page and of the folder of its plots, in the run's directory. */
export const reportFile = 'report.html';
const plotsFolder = 'plots';

export interface WriteOptions extends JudgeOptions {
  /** The page; by default `report.html` in the run's directory. */
  readonly out?: string | undefined;
  /** Whether the plots are written as files too, into `plots` beside the page. */
  readonly plots: boolean;
}

export interface WrittenReport {
  readonly page: string;
  readonly bytes: number;
  /** Folder of the plots. */
  readonly plots: string | undefined;
  readonly notes: readonly string[];
}

/** Writes a run's page, and its plots as SVG and PNG files. @throws UserError where a folder cannot be written */
export async function writeReport(run: SavedRun, options: WriteOptions): Promise<WrittenReport> {
  const page = options.out ?? join(run.directory, reportFile);
  // Before anything is evaluated, which may take long.
  makeFolder(dirname(page));
  const content = await gatherReport(run, options);
  const plots = await drawPlots(content);
  const html = renderReport(content, plots);
  writeFileWhole(page, html);
  const folder = options.plots ? join(dirname(page), plotsFolder) : undefined;
  if (folder !== undefined) {
    makeFolder(folder);
    for (const [plot, name] of Object.entries(plotNames)) {
      await writePlot(join(folder, `report-${name}`), plots[plot as keyof typeof plotNames]);
    }
  }
  return { page, bytes: Buffer.byteLength(html), plots: folder, notes: content.notes };
}

/** Where there is nothing to draw, an earlier report's picture goes: it is not of this one. */
async function writePlot(stem: string, svg: string | undefined): Promise<void> {
  if (svg === undefined) {
    for (const ending of ['svg', 'png']) rmSync(`${stem}.${ending}`, { force: true });
    return;
  }
  writeFileWhole(`${stem}.svg`, svg);
  writeFileWhole(`${stem}.png`, await toPng(svg));
}
