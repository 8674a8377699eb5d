import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../files/folder.js';
import { writeFileWhole } from '../../files/whole-file.js';
import type { SavedRun } from '../../runs/saved-run.js';
import { toPng } from '../charts/render.js';
import type { EvaluateSplitOptions } from './evaluate-split.js';
import { drawPlots, type Plots, plotNames, plotsOfFiles } from './plots.js';
import { gatherReport } from './report-data.js';
import { renderReport } from './report-page.js';

/** Names of the page and of the folder of its plots, in the run's directory. */
export const reportFile = 'report.html';
const plotsFolder = 'plots';

export interface WriteOptions extends EvaluateSplitOptions {
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
  const notes = [...content.notes];
  if (folder !== undefined) {
    makeFolder(folder);
    try {
      await writePlots(folder, await plotsOfFiles(content, plots));
    } catch (error) {
      // The page is written, and the plots are in it.
      notes.push(`The plots could not all be written as files: ${(error as Error).message}`);
    }
  }
  return { page, bytes: Buffer.byteLength(html), plots: folder, notes };
}

/** The SVG files, which take nothing, then the PNG files. Where there is nothing to draw, an earlier report's picture goes: it is not of this one. */
async function writePlots(folder: string, plots: Plots): Promise<void> {
  const files = Object.entries(plotNames).map(([plot, name]) => ({
    stem: join(folder, `report-${name}`),
    svg: plots[plot as keyof typeof plotNames],
  }));
  for (const { stem, svg } of files) {
    rmSync(`${stem}.png`, { force: true });
    if (svg === undefined) rmSync(`${stem}.svg`, { force: true });
    else writeFileWhole(`${stem}.svg`, svg);
  }
  for (const { stem, svg } of files) {
    if (svg !== undefined) writeFileWhole(`${stem}.png`, await toPng(svg));
  }
}
