import { splitNames } from '../dataset.js';
import type { ImageLimits } from '../images/decode.js';
import { openImagePool } from '../images/image-pool.js';
import { requireMachine } from '../images/reasons.js';
import { forEachQueued } from '../queue.js';
import type { Source } from '../source.js';
import { AllImages, type Place } from './all-images.js';
import { Findings } from './findings.js';

/** Images of a task: enough that a message costs nothing beside them, few enough that all threads end together. */
const imagesPerTask = 32;

export interface InspectOptions {
  readonly threads: number;
  /** Images of more pixels count as broken. */
  readonly limits: ImageLimits;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Neighbours in a split. */
interface Chunk {
  readonly first: Place;
  readonly count: number;
}

/**
 * Decodes every image of the source once, whole. What is found does not depend on `threads`; what is broken is no error.
 * @throws UserError (exit code environment) where the machine fails at an image
 */
export async function inspectSource(source: Source, options: InspectOptions): Promise<Findings> {
  const { threads, limits, onProgress } = options;
  const images = new AllImages(source);
  const findings = new Findings(images);
  const failed: number[] = [];
  const pool = openImagePool(threads, true);
  const look = ({ first, count }: Chunk, alone: boolean) => {
    const { bytesOf } = source.splits[first.split];
    const ranges = Array.from({ length: count }, (_, i) => bytesOf(first.index + i));
    return pool.inspect({ images: ranges, encoding: source.encoding, alone, limits });
  };
  const nameOf = (number: number) => `${source.dir}/${images.nameOf(number)}`;
  let done = 0;
  try {
    // Two tasks for each thread, so that none waits for its next one.
    await forEachQueued(chunksOf(source), 2 * threads, async (chunk) => {
      const result = await look(chunk, false);
      findings.add(chunk.first, result);
      const number = images.numberOf(chunk.first);
      for (const [i, each] of result.looks.entries()) {
        if (!('reason' in each)) continue;
        requireMachine(each, () => nameOf(number + i));
        failed.push(number + i);
      }
      done += chunk.count;
      onProgress?.(done, images.count);
    });
    // Once more, one by one: the large ones, and what failed, since libvips keeps one text of errors a process, and images that
    // fail at the same time get each other's, or none.
    for (const image of failed.sort((a, b) => a - b)) {
      const first = images.placeOf(image);
      const result = await look({ first, count: 1 }, true);
      findings.add(first, result);
      for (const each of result.looks) {
        if (!('reason' in each)) continue;
        requireMachine(each, () => nameOf(image));
        findings.addBroken(first, each.reason);
      }
    }
  } finally {
    await pool.close();
  }
  return findings;
}

function chunksOf(source: Source): Chunk[] {
  return splitNames.flatMap((split) => {
    const images = source.splits[split].labels.length;
    return Array.from({ length: Math.ceil(images / imagesPerTask) }, (_, i) => {
      const index = i * imagesPerTask;
      return { first: { split, index }, count: Math.min(imagesPerTask, images - index) };
    });
  });
}
