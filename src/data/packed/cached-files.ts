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

/** A packed file, or a draft of one, whose samples can be reused. */
export interface CachedFile {
  /** Path of the packed file, or of the draft's folder. */
  readonly path: string;
  /** `draft`: a process is working on it. `interrupted`: a draft that was left unfinished. */
  readonly state: 'packed' | 'draft' | 'interrupted';
  /** Time of the last change, ms since 1970. */
  readonly time: number;
  /** File descriptor. */
  readonly file: number;
  readonly splits: Readonly<Record<SplitName, CachedSplit>>;
}

interface CachedSplit {
  /** Byte offset of the samples. */
  readonly position: number;
  readonly identities: BigUint64Array;
  readonly checksums: Uint32Array;
  readonly remarks: Uint8Array;
  /** 1 for each sample that is in the file, `[samples]`; left out if all are. */
  readonly there?: Uint8Array;
}

/**
 * Opens every packed file, and every draft of one, in the cache that belongs to the config's folder and was made by `recipe`. This includes
 * `current`, if it was resumed. The most recently written comes first.
 */
export function openCachedFiles(config: DataConfig, recipe: string, current: Draft): CachedFile[] {
  const isOfConfig = (name: string) => isPackedName(config, name);
  const packed = readdirSync(config.cache)
    .filter(isOfConfig)
    .map((name) => ({ path: join(config.cache, name), state: 'packed' as const }));
  const drafts = unfinishedIn(config.cache, isOfConfig)
    .filter(({ kind, path }) => kind === 'draft' && (current.resumed || path !== current.folder))
    .map(({ path, ended }) => ({ path, state: ended ? ('interrupted' as const) : ('draft' as const) }));
  return [...packed, ...drafts]
    .map(({ path, state }) => openCachedFile(path, state, config, recipe, current))
    .filter((file) => file !== undefined)
    .sort((a, b) => b.time - a.time);
}

export function closeCachedFiles(cached: readonly CachedFile[], current: Draft): void {
  for (const { file } of cached) if (file !== current.file) closeSync(file);
}

/** Time after which a packed file counts as unused, ms; a training may still read a younger one. */
const keptUnused = 24 * 60 * 60 * 1000;

/**
 * Removes files that the new packed file at `path` supersedes: interrupted drafts, and packed files that share images with it. It keeps
 * the most recent of those, which the user may go back to, and those that a run has opened within a day.
 */
export function removeSuperseded(related: readonly CachedFile[], path: string): void {
  const before = related.filter((file) => file.state === 'packed' && file.path !== path);
  const interrupted = related.filter(({ state }) => state === 'interrupted');
  const unused = before.slice(1).filter(({ time }) => Date.now() - time > keptUnused);
  for (const file of [...unused, ...interrupted]) tryToRemove(file.path);
}

/** Undefined where nothing can be reused: another recipe, a damaged file, or one that another process has just removed. */
function openCachedFile(
  path: string,
  state: CachedFile['state'],
  config: DataConfig,
  recipe: string,
  current: Draft,
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
        : splitsOfDraft(packed, header, join(path, draftFiles.journal));
    const time = statSync(path).mtimeMs;
    const file = path === current.folder ? current.file : openSync(packed, 'r');
    return { path, state, time, file, splits };
  } catch (error) {
    if (error instanceof UserError || (error instanceof Error && 'syscall' in error)) return undefined;
    throw error;
  }
}

function splitsOfDraft(packed: string, header: SafetensorsHeader, journal: string): CachedFile['splits'] {
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
