import type { DataConfig } from '../../config/schema.js';
import { perSplit, type SplitName, splitNames } from '../dataset.js';
import { sampleBytes } from '../features.js';
import type { ImagePool } from '../images/image-pool.js';
import type { DecodeResult } from '../images/image-tasks.js';
import { requireMachine } from '../images/reasons.js';
import { PixelSums } from '../pixel-sums.js';
import { forEachQueued } from '../queue.js';
import type { Source } from '../source.js';
import type { Draft } from './draft.js';
import type { ReusableSamples } from './reusable-samples.js';

/** What was made of a source's images. */
export interface Rows {
  /** In the source's order. Their samples mean nothing. */
  readonly bad: readonly BadImage[];
  readonly checksums: Readonly<Record<SplitName, Uint32Array>>;
  /** Of each sample, bits of `remarks`. */
  readonly remarks: Readonly<Record<SplitName, Uint8Array>>;
  readonly trainSums: PixelSums;
}

export interface BadImage {
  readonly split: SplitName;
  /** Its number in the split. */
  readonly index: number;
  readonly reason: string;
}

export interface RowsJob {
  readonly source: Source;
  readonly config: DataConfig;
  readonly draft: Draft;
  /** Byte offset in the draft of each split's samples. */
  readonly positions: Readonly<Record<SplitName, number>>;
  readonly reusable: ReusableSamples;
  readonly threads: number;
  /** Of the images `done`, `reused` were not decoded. */
  readonly onProgress: (done: number, reused: number, total: number) => void;
}

/** Images of a task: enough that a message costs nothing beside them, few enough that all threads end together. */
const imagesPerTask = 32;

/** Neighbours in a split. */
interface Chunk {
  readonly split: SplitName;
  /** Its number in the split. */
  readonly first: number;
  readonly count: number;
}

/**
 * Makes the samples of all images of the source, in the draft: those that are kept are copied, the others decoded.
 * @throws UserError (exit code environment) where the machine fails at an image
 */
export async function makeRows(pool: ImagePool, job: RowsJob): Promise<Rows> {
  const { source, threads, onProgress } = job;
  const chunks = chunksOf(source);
  const total = chunks.reduce((sum, { count }) => sum + count, 0);
  const checksums = perSplit((name) => new Uint32Array(source.splits[name].labels.length));
  const remarks = perSplit((name) => new Uint8Array(source.splits[name].labels.length));
  const trainSums = new PixelSums();
  const make = async (chunk: Chunk, alone: boolean): Promise<DecodeResult> => {
    const { split, first, count } = chunk;
    const kept = Array.from({ length: count }, (_, i) => job.reusable.of(split, first + i));
    const result = await makeChunk(pool, job, chunk, kept, alone);
    if (split === 'train') trainSums.add(result.sums);
    checksums[split].set(result.checksums, first);
    remarks[split].set(result.remarks, first);
    if (!result.untouched) {
      const bad = new Set(result.bad.map(({ index }) => index));
      const claims = Array.from(result.checksums, (checksum, i) => (bad.has(i) ? null : checksum));
      job.draft.claim(split, first, claims, result.remarks);
    }
    for (const each of result.bad) {
      requireMachine(each, () => `${source.dir}/${source.splits[split].nameOf(first + each.index)}`);
    }
    return result;
  };
  const failed: Chunk[] = [];
  let done = 0;
  let reused = 0;
  // Each task keeps several images in sharp, so that no core waits for its next one.
  await forEachQueued(chunks, threads, async (chunk) => {
    const result = await make(chunk, false);
    for (const { index } of result.bad) {
      failed.push({ split: chunk.split, first: chunk.first + index, count: 1 });
    }
    done += chunk.count;
    reused += result.reused;
    onProgress(done, reused, total);
  });
  // Threads end in any order; the split's order is the one to show and to keep.
  const order = ({ split }: Chunk) => splitNames.indexOf(split);
  failed.sort((a, b) => order(a) - order(b) || a.first - b.first);
  // Once more, one by one: the large ones, and what failed, since libvips keeps one text of errors a process, and images that
  // fail at the same time get each other's, or none.
  const bad: BadImage[] = [];
  for (const chunk of failed) {
    const result = await make(chunk, true);
    for (const { reason } of result.bad) bad.push({ split: chunk.split, index: chunk.first, reason });
  }
  return { bad, checksums, remarks, trainSums };
}

function makeChunk(
  pool: ImagePool,
  { source, config, draft, positions }: RowsJob,
  { split, first, count }: Chunk,
  kept: ReturnType<ReusableSamples['of']>[],
  alone: boolean,
): Promise<DecodeResult> {
  const { features, maxPixels, maxImageMemory, background } = config;
  const { bytesOf } = source.splits[split];
  return pool.decode({
    images: Array.from({ length: count }, (_, i) => bytesOf(first + i)),
    kept,
    encoding: source.encoding,
    alone,
    features,
    limits: { maxPixels, maxImageMemory, background },
    rows: draft.file,
    position: positions[split] + first * sampleBytes(features),
  });
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
