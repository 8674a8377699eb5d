import type { DataConfig } from '../config/schema.js';
import { readFully } from '../files/transfer.js';
import { type SplitName, splitNames } from './dataset.js';
import { sampleBytes } from './features.js';
import { type ImagePool, openImagePool } from './image-pool.js';
import { addSums, type ChannelSums, noSums } from './image-tasks.js';
import { forEachQueued } from './queue.js';
import type { Source } from './source.js';

/**
 * All images, decoded, in a temporary file of `sampleBytes` each: train's in their order, validation's,
 * test's. A file and not memory, so that a dataset may be larger than that; and not yet the packed file, whose header
 * comes first and needs to know how many images were good.
 */
export interface Rows {
  /** File descriptor. */
  readonly file: number;
  /** In the source's order. Their rows hold nothing of use. */
  readonly bad: readonly BadImage[];
  readonly trainSums: ChannelSums;
}

export interface BadImage {
  readonly split: SplitName;
  /** Its number in the split. */
  readonly index: number;
  readonly reason: string;
}

/** Images of a task: enough that a message costs nothing beside them, few enough that all threads end together. */
const imagesPerTask = 64;
/** Bytes that are copied at a time. */
const copyBytes = 1 << 24;

/** Neighbours in a split whose rows are neighbours in the file. */
interface Chunk {
  readonly split: SplitName;
  /** Its number in the split. */
  readonly first: number;
  readonly count: number;
}

/** Decodes every image of the source on `threads` threads into the empty file `file`. */
export async function decodeRows(
  file: number,
  source: Source,
  config: DataConfig,
  threads: number,
  onProgress: (done: number, total: number) => void,
): Promise<Rows> {
  const { chunks, total } = chunksOf(source);
  const failed: Chunk[] = [];
  const bad: BadImage[] = [];
  const trainSums = noSums();
  const pool = openImagePool(threads);
  const decode = async (chunk: Chunk) => {
    const result = await decodeChunk(pool, file, source, config, chunk);
    if (chunk.split === 'train') addSums(trainSums, result.sums);
    return result.bad;
  };
  let done = 0;
  try {
    // Two tasks for each thread, so that none waits for its next one.
    await forEachQueued(chunks, 2 * threads, async (chunk) => {
      for (const { index } of await decode(chunk)) {
        failed.push({ split: chunk.split, first: chunk.first + index, count: 1 });
      }
      done += chunk.count;
      onProgress(done, total);
    });
    // Threads end in any order; the split's order is the one to show and to keep.
    const order = ({ split }: Chunk) => splitNames.indexOf(split);
    failed.sort((a, b) => order(a) - order(b) || a.first - b.first);
    // Once more, one by one: libvips keeps one text of errors a process, and images that fail at the same time get
    // each other's, or none.
    for (const chunk of failed) {
      for (const { reason } of await decode(chunk)) {
        bad.push({ split: chunk.split, index: chunk.first, reason });
      }
    }
  } finally {
    await pool.close();
  }
  return { file, bad, trainSums };
}

/** Hands the rows of a split's images to `write`, neighbours in one piece; `indices` ascend. */
export function copyRows(
  rows: Rows,
  source: Source,
  split: SplitName,
  indices: readonly number[],
  rowBytes: number,
  write: (bytes: Uint8Array) => void,
): void {
  const firstRow = firstRowOf(source, split);
  const most = Math.max(1, Math.floor(copyBytes / rowBytes));
  const buffer = new Uint8Array(most * rowBytes);
  for (let i = 0; i < indices.length; ) {
    let count = 1;
    while (count < most && indices[i + count] === indices[i]! + count) count++;
    const piece = buffer.subarray(0, count * rowBytes);
    if (!readFully(rows.file, piece, (firstRow + indices[i]!) * rowBytes)) {
      throw new Error(`the rows of ${source.dir} end before image ${indices[i]} of ${split}`);
    }
    write(piece);
    i += count;
  }
}

function decodeChunk(
  pool: ImagePool,
  file: number,
  source: Source,
  config: DataConfig,
  { split, first, count }: Chunk,
) {
  const { bytesOf } = source.splits[split];
  return pool.decode({
    images: Array.from({ length: count }, (_, i) => bytesOf(first + i)),
    encoding: source.encoding,
    features: config.features,
    maxPixels: config.maxPixels,
    rows: file,
    position: (firstRowOf(source, split) + first) * sampleBytes(config.features),
  });
}

function chunksOf(source: Source): { chunks: Chunk[]; total: number } {
  const chunks: Chunk[] = [];
  let total = 0;
  for (const split of splitNames) {
    const images = source.splits[split].labels.length;
    for (let first = 0; first < images; first += imagesPerTask) {
      chunks.push({ split, first, count: Math.min(imagesPerTask, images - first) });
    }
    total += images;
  }
  return { chunks, total };
}

function firstRowOf(source: Source, split: SplitName): number {
  const before = splitNames.slice(0, splitNames.indexOf(split));
  return before.reduce((sum, name) => sum + source.splits[name].labels.length, 0);
}
