import { closeSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DataConfig } from '../../config/schema.js';
import { UserError } from '../../errors.js';
import { tryToRemove, unfinishedIn } from '../../files/temporary.js';
import { readSafetensorsHeader, readTensor, type SafetensorsHeader } from '../../tensors/safetensors.js';
import { perSplit, type SplitName } from '../dataset.js';
import { type Draft, draftFiles } from './draft.js';
import { readClaims } from './journal.js';
import { isPackedName, requireContents, requireTensors, samplesIn } from './packed.js';

/** A packed file, or a draft of one, whose samples need not be made again. */
export interface CachedFile {
  /** Of the packed file, or of the draft's folder. */
  readonly path: string;
  /** Whether it is a packed file, or a draft that a process works on or was interrupted at. */
  readonly state: 'packed' | 'draft' | 'interrupted';
  /** When it was written to, ms. */
  readonly time: number;
  /** Descriptor. */
  readonly file: number;
  readonly splits: Readonly<Record<SplitName, CachedSplit>>;
}

interface CachedSplit {
  /** Byte offset of the samples. */
  readonly position: number;
  readonly identities: BigUint64Array;
  readonly checksums: Uint32Array;
  readonly remarks: Uint8Array;
  /** Which samples are there; all of them, if not given. */
  readonly there?: Uint8Array;
}

/**
 * Every packed file of the config's folder in the cache, and every draft of one, that was made by `recipe`, `own` as well: first what
 * was written to last.
 */
export function openCachedFiles(config: DataConfig, recipe: string, own: Draft): CachedFile[] {
  const isOwn = (name: string) => isPackedName(config, name);
  const packed = readdirSync(config.cache)
    .filter(isOwn)
    .map((name) => ({ path: join(config.cache, name), state: 'packed' as const }));
  const drafts = unfinishedIn(config.cache, isOwn)
    .filter(({ kind, path }) => kind === 'draft' && (own.resumed || path !== own.folder))
    .map(({ path, ended }) => ({ path, state: ended ? ('interrupted' as const) : ('draft' as const) }));
  return [...packed, ...drafts]
    .map(({ path, state }) => openCachedFile(path, state, config, recipe, own))
    .filter((file) => file !== undefined)
    .sort((a, b) => b.time - a.time);
}

export function closeCachedFiles(cached: readonly CachedFile[], own: Draft): void {
  for (const { file } of cached) if (file !== own.file) closeSync(file);
}

/** A training may still read a packed file that was opened so recently, ms. */
const keptUnused = 24 * 60 * 60 * 1000;

/**
 * Removes what the packed file that was just written at `path` has made needless: of the packed files with images of it all but the
 * last, which one may go back to, unless a run has opened it within a day; and the drafts that were interrupted.
 */
export function removeSuperseded(related: readonly CachedFile[], path: string): void {
  const before = related.filter((file) => file.state === 'packed' && file.path !== path);
  const interrupted = related.filter(({ state }) => state === 'interrupted');
  const unused = before.slice(1).filter(({ time }) => Date.now() - time > keptUnused);
  for (const file of [...unused, ...interrupted]) tryToRemove(file.path);
}

/** Undefined where nothing can be reused: the file is of another recipe, damaged, or was just removed by another process. */
function openCachedFile(
  path: string,
  state: CachedFile['state'],
  config: DataConfig,
  recipe: string,
  own: Draft,
): CachedFile | undefined {
  const packed = state === 'packed' ? path : join(path, draftFiles.packed);
  try {
    const header = readSafetensorsHeader(packed);
    if (header.metadata['recipe'] !== recipe) return undefined;
    requireTensors(packed, header, config.features);
    if (state === 'packed') requireContents(packed, header);
    const splits =
      state === 'packed'
        ? perSplit((name) => indexOf(packed, header, name))
        : claimedOf(packed, header, join(path, draftFiles.journal));
    const time = statSync(path).mtimeMs;
    const file = path === own.folder ? own.file : openSync(packed, 'r');
    return { path, state, time, file, splits };
  } catch (error) {
    if (error instanceof UserError || (error instanceof Error && 'syscall' in error)) return undefined;
    throw error;
  }
}

function claimedOf(packed: string, header: SafetensorsHeader, journal: string): CachedFile['splits'] {
  const claims = readClaims(journal, samplesIn(header));
  return perSplit((name) => ({ ...indexOf(packed, header, name), ...claims[name] }));
}

function indexOf(packed: string, { tensors }: SafetensorsHeader, name: SplitName): CachedSplit {
  const read = (what: string) => readTensor(packed, tensors.get(`${name}.${what}`)!).data;
  return {
    position: tensors.get(`${name}.samples`)!.begin,
    identities: read('identities') as BigUint64Array,
    checksums: read('checksums') as Uint32Array,
    remarks: read('remarks') as Uint8Array,
  };
}
