import {
  constants,
  copyFileSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ExitCode, UserError } from '../../errors.js';
import { type Claim, claim } from '../../files/claim.js';
import { makeFolder } from '../../files/folder.js';
import { removeLeftovers, temporaryName } from '../../files/temporary.js';
import { unwritable } from '../../files/unwritable.js';
import type { DataProgress } from '../open.js';
import { download, type Patience, patience } from './download.js';
import type { KnownDataset } from './known.js';
import { unpack } from './unpack.js';

export interface FetchOptions {
  /** Another address with the same files, in place of the publisher's. */
  readonly from?: string | undefined;
  readonly patience?: Patience;
  readonly onProgress?: (progress: DataProgress) => void;
  /** Told of each failure that is retried. */
  readonly onRetry?: (message: string) => void;
}

/**
 * Downloads and unpacks the dataset into `dir`. Returns false where the whole dataset is there already.
 *
 * The folder is made beside `dir` and then renamed, so `dir` holds the whole dataset or nothing. Until then `DIR.NAME-download` holds
 * the downloaded files: after a failure the next call resumes from them.
 *
 * @throws UserError: exit code usage where `dir` holds something else, data where a file or archive is not the expected one,
 * environment where the network or the disk fails
 */
export async function fetchDataset(
  name: string,
  known: KnownDataset,
  dir: string,
  options: FetchOptions = {},
): Promise<boolean> {
  const target = realPath(dir);
  const downloads = `${target}.${name}-download`;
  const folder = temporaryName(target);
  let claimed: Claim | undefined;
  try {
    removeLeftovers(dirname(target), (of) => of === basename(target));
    if (isWhole(target, known)) return false;
    requireFree(dir, name);
    makeFolder(downloads);
    claimed = await claim(downloads, { onWait: options.onRetry ?? (() => {}) });
    await downloadAll(known, downloads, options);
    mkdirSync(folder);
    await unpackAll(known, downloads, folder, options);
    known.finish?.(folder);
    moveTo(folder, target);
    rmSync(downloads, { recursive: true });
  } catch (error) {
    throw unwritable(dir, error);
  } finally {
    claimed?.release();
    // Retries, since a file may still be open for writing.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
  return true;
}

/** The absolute path, links followed: the dataset is written to a link's target. */
function realPath(dir: string): string {
  try {
    return realpathSync(dir);
  } catch {
    return resolve(dir);
  }
}

function isWhole(dir: string, { contents }: KnownDataset): boolean {
  return Object.entries(contents).every(([path, bytes]) => {
    const stats = statSync(join(dir, path), { throwIfNoEntry: false });
    return stats?.isFile() === true && (bytes === null || stats.size === bytes);
  });
}

/** Throws a UserError unless `dir` is missing or empty. */
function requireFree(dir: string, name: string): void {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw unwritable(dir, error);
  }
  if (names.length === 0) return;
  const some = names.slice(0, 3).map((each) => JSON.stringify(each));
  throw new UserError(
    `${dir}: found ${some.join(', ')}${names.length > 3 ? `, and ${names.length - 3} more` : ''}, which is no whole ${name}; ` +
      'expected no such folder, or an empty one. Nothing was changed; name another folder.',
    ExitCode.usage,
  );
}

async function downloadAll(
  { base, files }: KnownDataset,
  folder: string,
  { from = base, patience: waiting = patience, onProgress, onRetry }: FetchOptions,
): Promise<void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  const progress = (done: number) => onProgress?.({ phase: 'downloading', done, total });
  for (const { name, bytes, sha256 } of files) {
    const url = new URL(name, from.endsWith('/') ? from : `${from}/`).href;
    await download({ url, bytes, sha256 }, join(folder, name), waiting, {
      // The end is reported once, when all files have been checked.
      onProgress: (done) => before + done < total && progress(before + done),
      ...(onRetry && { onRetry }),
    });
    before += bytes;
  }
  progress(total);
}

async function unpackAll(
  { files, form, most }: KnownDataset,
  downloads: string,
  folder: string,
  { onProgress }: FetchOptions,
): Promise<void> {
  for (const { name } of files) {
    const file = join(downloads, name);
    if (form === 'file') copyFileSync(file, join(folder, name), constants.COPYFILE_FICLONE);
    else {
      await unpack[form](file, folder, most, (done, total) =>
        onProgress?.({ phase: 'unpacking', done, total }),
      );
    }
  }
}

/** Gives the finished folder its name. */
function moveTo(folder: string, target: string): void {
  // POSIX would replace an empty folder; Windows does not.
  if (statSync(target, { throwIfNoEntry: false }) !== undefined) rmdirSync(target);
  renameSync(folder, target);
}
