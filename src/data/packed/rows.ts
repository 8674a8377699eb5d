import type { DataConfig } from '../../config/schema.js';
import { perSplit, type SplitName, splitNames } from '../dataset.js';
import { sampleBytes } from '../features.js';
import type { ImagePool } from '../images/image-pool.js';
import type { DecodeResult } from '../images/image-tasks.js';
import { type Chunk, inChunks } from '../images/in-chunks.js';
import { requireMachine } from '../images/reasons.js';
import { PixelSums } from '../pixel-sums.js';
import type { Source } from '../source.js';
import type { Draft } from './draft.js';
import type { ReusableSamples } from './reusable-samples.js';

/** What is known of a source's samples besides their bytes. */
export interface Rows {
  /** Bad images, in the source's order. Their samples are undefined. */
  readonly bad: readonly BadImage[];
  readonly checksums: Readonly<Record<SplitName, Uint32Array>>;
  /** For each sample, a bit set of `remarks`. */
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
  /** `reused` of the `done` images were not decoded. */
  readonly onProgress: (done: number, reused: number, total: number) => void;
}

/**
 * Writes the samples of all images of the source into the draft. Samples of `reusable` are copied, other images decoded.
 * @throws UserError (exit code environment) where the machine fails while it reads an image
 */
export async function makeRows(pool: ImagePool, job: RowsJob): Promise<Rows> {
  const { source, threads, onProgress } = job;
  const total = splitNames.reduce((sum, name) => sum + source.splits[name].labels.length, 0);
  const checksums = perSplit((name) => new Uint32Array(source.splits[name].labels.length));
  const remarks = perSplit((name) => new Uint8Array(source.splits[name].labels.length));
  const trainSums = new PixelSums();
  const make = async (chunk: Chunk, alone: boolean): Promise<DecodeResult> => {
    const { split, first, count } = chunk;
    const reusable = Array.from({ length: count }, (_, i) => job.reusable.of(split, first + i));
    const result = await makeChunk(pool, job, chunk, reusable, alone);
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
  const bad: BadImage[] = [];
  let done = 0;
  let reused = 0;
  // A task decodes several images at once, so one task per thread keeps all cores busy.
  await inChunks(source, threads, async (chunk, alone) => {
    const { split, first, count } = chunk;
    const result = await make(chunk, alone);
    if (alone) bad.push(...result.bad.map(({ reason }) => ({ split, index: first, reason })));
    else {
      done += count;
      reused += result.reused;
      onProgress(done, reused, total);
    }
    return result.bad.map(({ index }) => index);
  });
  return { bad, checksums, remarks, trainSums };
}

function makeChunk(
  pool: ImagePool,
  { source, config, draft, positions }: RowsJob,
  { split, first, count }: Chunk,
  reusable: ReturnType<ReusableSamples['of']>[],
  alone: boolean,
): Promise<DecodeResult> {
  const { features, maxPixels, maxImageMemory, background } = config;
  const { bytesOf } = source.splits[split];
  return pool.decode({
    images: Array.from({ length: count }, (_, i) => bytesOf(first + i)),
    reusable,
    encoding: source.encoding,
    alone,
    features,
    limits: { maxPixels, maxImageMemory, background },
    rows: draft.file,
    position: positions[split] + first * sampleBytes(features),
  });
}
