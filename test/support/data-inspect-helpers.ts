import { inspectSource } from '#lockstep/data/inspect/inspect.js';
import { type Inspection, reportOf } from '#lockstep/data/inspect/report.js';
import type { Source } from '#lockstep/data/source.js';
import { put, sourceOf } from './data-helpers.js';

/** Datasets as list files, inspected. */

/** Image and label of each line. */
export type Lines = readonly (readonly [name: string, label: number | string])[];

export function putLists(dir: string, lists: Readonly<Record<'train' | 'val' | 'test', Lines>>): void {
  for (const [list, lines] of Object.entries(lists)) {
    put(dir, `${list}.txt`, lines.map(([name, label]) => `${name} ${label}\n`).join(''));
  }
}

export async function inspected(source: Source, threads = 2, most = 100): Promise<Inspection> {
  return reportOf(
    await inspectSource(source, {
      threads,
      limits: { maxPixels: 30_000_000, maxImageMemory: 1024, background: [255, 255, 255] },
    }),
    most,
  );
}

export const inspectedFolder = async (dir: string) => inspected(await sourceOf(dir));
