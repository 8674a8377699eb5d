import { dirname } from 'node:path';
import type { DataConfig } from '../../config/schema.js';
import { makeFolder } from '../../files/folder.js';
import { unwritable } from '../../files/unwritable.js';
import { type PackedDataset, perSplit, type SplitName, splitNames } from '../dataset.js';
import { dataError, listed } from '../faults.js';
import { sampleBytes } from '../features.js';
import { type ImagePool, openImagePool } from '../images/image-pool.js';
import { reasonWithNear } from '../near-path.js';
import type { Source } from '../source.js';
import { closeCachedFiles, openCachedFiles, removeSuperseded } from './cached-files.js';
import { Draft } from './draft.js';
import type { ImageStamps } from './image-identities.js';
import { type SourceWithIdentities, withIdentities, without } from './image-identities.js';
import { layOutPacked, type PackedLayout, writeIndex, writeRest } from './packed-writer.js';
import { findReusable } from './reusable-samples.js';
import { type BadImage, makeRows, type RowsJob } from './rows.js';

/** How many bad images an error shows; the rest is counted. */
const shownBad = 50;

export interface PackJob {
  readonly config: DataConfig;
  /** Path of the packed file. */
  readonly path: string;
  readonly key: string;
  readonly recipe: string;
  readonly threads: number;
  readonly onProgress: RowsJob['onProgress'];
}

/**
 * Writes the packed file of a source. Copies samples that the cache already holds, and decodes the other images on `threads` threads.
 * After an interruption, the next call resumes.
 *
 * The file's bytes depend only on the images and settings. Throws a UserError that lists all bad images, unless
 * `config.skipBadImages`.
 */
export async function packDataset(source: Source, stamps: ImageStamps, job: PackJob): Promise<void> {
  let pool: ImagePool | undefined;
  try {
    makeFolder(dirname(job.path));
    pool = openImagePool(job.threads, source.encoding.type !== 'file');
    await pack(pool, withIdentities(source, stamps), [], job);
  } catch (error) {
    throw unwritable(job.path, error);
  } finally {
    await pool?.close();
  }
}

async function pack(
  pool: ImagePool,
  source: SourceWithIdentities,
  skipped: PackedDataset['skipped'],
  job: PackJob,
): Promise<void> {
  const bad = await packWhole(pool, source, skipped, job);
  if (bad.length === 0) return;
  if (!job.config.skipBadImages) throw badImages(bad, source);
  requireImages(source, bad);
  // Packs again without them. The other samples are reused from the draft that was left.
  const named = bad.map(({ split, index, reason }) => ({ file: source.splits[split].nameOf(index), reason }));
  await pack(pool, without(source, bad), [...skipped, ...named], job);
}

/** Packs the source if all its images are good; otherwise leaves a draft, and returns the bad images. */
async function packWhole(
  pool: ImagePool,
  source: SourceWithIdentities,
  skipped: PackedDataset['skipped'],
  job: PackJob,
): Promise<readonly BadImage[]> {
  const layout = layOutPacked(source, skipped, job.config, job);
  const draft = new Draft(job.path, layout.head, layout.end);
  try {
    return await fill(draft, layout, pool, source, job);
  } finally {
    await draft.release();
  }
}

/** Makes the samples, and finishes the draft if all images are good. Returns the bad images. */
async function fill(
  draft: Draft,
  layout: PackedLayout,
  pool: ImagePool,
  source: SourceWithIdentities,
  job: PackJob,
): Promise<readonly BadImage[]> {
  const { config, recipe, path } = job;
  writeIndex(draft, source, layout);
  const cached = openCachedFiles(config, recipe, draft);
  try {
    const identities = perSplit((name) => source.splits[name].identities);
    const reusable = findReusable(identities, cached, sampleBytes(config.features));
    const rows = await makeRows(pool, { ...job, source, draft, reusable, positions: layout.samples });
    if (rows.bad.length === 0) {
      writeRest(draft, rows, layout);
      await draft.finish();
      removeSuperseded(reusable.related, path);
    }
    return rows.bad;
  } finally {
    closeCachedFiles(cached, draft);
  }
}

function badImages(bad: readonly BadImage[], source: Source): Error {
  const faults = bad.map(({ split, index, reason }, number) => {
    const { name, where } = placed(source, split, index);
    const path = source.splits[split].nameOf(index);
    return `${name}${where}: ${number < shownBad ? reasonWithNear(source.dir, path, reason) : reason}`;
  });
  const many = bad.length === 1 ? '1 image' : `${bad.length} images`;
  const [first] = bad as readonly [BadImage];
  return dataError(
    `${many} cannot be used; mend or unlist what is named here, or leave them out (--skip-bad-images, data.skipBadImages):\n${listed(faults, shownBad)}`,
    bad.length === 1 ? placed(source, first.split, first.index).name : undefined,
  );
}

/** An image's name for the user, and where it is. */
function placed(source: Source, split: SplitName, index: number) {
  const { nameOf, placeOf, bytesOf } = source.splits[split];
  const place = placeOf(index);
  const { file, part } = bytesOf(index);
  // The name of one in an array is the library's own.
  if (part !== undefined && place !== undefined) return { name: place, where: ` (in ${file})` };
  return {
    name: `${source.dir}/${nameOf(index)}`,
    where: place === undefined ? '' : ` (${place})`,
  };
}

/** Throws a UserError where a split has only bad images. */
function requireImages(source: Source, bad: readonly BadImage[]): void {
  for (const name of splitNames) {
    const badOfSplit = bad.filter(({ split }) => split === name);
    if (badOfSplit.length === 0 || badOfSplit.length < source.splits[name].labels.length) continue;
    throw dataError(
      `${source.dir}: no image of ${name} is left of ${badOfSplit.length}; the first one: ${badOfSplit[0]!.reason}`,
      source.dir,
    );
  }
}
