import { type SplitName, splitNames } from '../dataset.js';
import { forEachQueued } from '../queue.js';
import type { Source } from '../source.js';

/** Images per task: enough to make a message's cost negligible, few enough that all threads end at about the same time. */
const imagesPerTask = 32;

/** Consecutive images of a split. */
export interface Chunk {
  readonly split: SplitName;
  /** The first image's number in the split. */
  readonly first: number;
  readonly count: number;
}

/**
 * Runs a task for each chunk of the source's images. Then each image that failed is tried again while no other image is decoded. Large
 * images need the memory. For the others, the second try gives the right reason: libvips keeps one error text per process, so images
 * that fail at the same time may get each other's.
 * @param atOnce tasks at a time
 * @param runs a task; returns the failed images' positions in the chunk. Images that are run alone come in the source's order
 */
export async function inChunks(
  source: Source,
  atOnce: number,
  run: (chunk: Chunk, alone: boolean) => Promise<readonly number[]>,
): Promise<void> {
  const failed: Chunk[] = [];
  await forEachQueued(chunksOf(source), atOnce, async (chunk) => {
    for (const image of await run(chunk, false))
      failed.push({ split: chunk.split, first: chunk.first + image, count: 1 });
  });
  const order = ({ split }: Chunk) => splitNames.indexOf(split);
  failed.sort((a, b) => order(a) - order(b) || a.first - b.first);
  for (const chunk of failed) await run(chunk, true);
}

function chunksOf(source: Source): Chunk[] {
  return splitNames.flatMap((split) => {
    const images = source.splits[split].labels.length;
    return Array.from({ length: Math.ceil(images / imagesPerTask) }, (_, i) => {
      const first = i * imagesPerTask;
      return { split, first, count: Math.min(imagesPerTask, images - first) };
    });
  });
}
