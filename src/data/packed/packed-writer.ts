import { join } from 'node:path';
import type { DataConfig } from '../../config/schema.js';
import { writeFully } from '../../files/transfer.js';
import { bytesOf, layOut, readSafetensorsHeader } from '../../tensors/safetensors.js';
import { type PackedDataset, perSplit, type SplitName, splitNames } from '../dataset.js';
import type { WrittenSums } from '../pixel-sums.js';
import { type Draft, draftFiles } from './draft.js';
import type { SourceWithIdentities } from './image-identities.js';
import { contentsOf, packedTensors, toMetadata } from './packed.js';
import type { Rows } from './rows.js';

/** Writes everything in a packed file except the samples. */

/** Sums with more digits than any real ones. */
const digits = '9'.repeat(30);
const widestSums: WrittenSums = {
  count: digits,
  sum: [digits, digits, digits],
  squares: [digits, digits, digits],
};
const noContents = '0'.repeat(64);

export interface PackedLayout {
  /** The file's first bytes until all samples are known. */
  readonly head: Uint8Array;
  /** Size of the file, bytes. */
  readonly end: number;
  /** Byte offset of each split's samples. */
  readonly samples: Readonly<Record<SplitName, number>>;
  readonly beginOf: (tensor: string) => number;
  /** The final first bytes, of the same length as `head`. */
  readonly headWith: (trainSums: WrittenSums, contents: string) => Uint8Array;
}

/** Lays out the packed file. Offsets do not depend on the samples: the header has room for the longest possible sums. */
export function layOutPacked(
  source: SourceWithIdentities,
  skipped: PackedDataset['skipped'],
  { features }: DataConfig,
  about: { readonly key: string; readonly recipe: string },
): PackedLayout {
  const { classes } = source;
  const counts = perSplit((name) => source.splits[name].labels.length);
  const withSums = (trainSums: WrittenSums, contents: string, room?: number) => {
    const metadata = toMetadata({ ...about, classes, trainSums, skipped, contents });
    return layOut(packedTensors(features, counts), metadata, room);
  };
  const { head, places, end } = withSums(widestSums, noContents);
  const beginOf = (tensor: string) => places.get(tensor)!.begin;
  return {
    head,
    end,
    samples: perSplit((name) => beginOf(`${name}.samples`)),
    beginOf,
    headWith: (trainSums, contents) => withSums(trainSums, contents, head.length).head,
  };
}

/** Writes identities and labels, which are known before the first sample. */
export function writeIndex(draft: Draft, source: SourceWithIdentities, { beginOf }: PackedLayout): void {
  for (const name of splitNames) {
    const { identities, labels } = source.splits[name];
    writeFully(draft.file, bytesOf(identities), beginOf(`${name}.identities`));
    writeFully(draft.file, bytesOf(labels), beginOf(`${name}.labels`));
  }
}

/** Writes checksums, remarks and the final header, which are known after the last sample. */
export function writeRest(draft: Draft, rows: Rows, { beginOf, headWith }: PackedLayout): void {
  for (const name of splitNames) {
    writeFully(draft.file, bytesOf(rows.checksums[name]), beginOf(`${name}.checksums`));
    writeFully(draft.file, rows.remarks[name], beginOf(`${name}.remarks`));
  }
  writeFully(draft.file, headWith(rows.trainSums.toJSON(), noContents), 0);
  const path = join(draft.folder, draftFiles.packed);
  const contents = contentsOf(path, readSafetensorsHeader(path));
  writeFully(draft.file, headWith(rows.trainSums.toJSON(), contents), 0);
}
