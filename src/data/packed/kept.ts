import { type SplitName, splitNames } from '../dataset.js';
import type { KeptSample } from '../images/image-tasks.js';
import type { Donor } from './donors.js';
import { halvesOf, IdentityTable } from './identity-table.js';

/** The samples that donors have of the images of a dataset. */
export interface Kept {
  /** The sample of image `index` of a split, if a donor has it. */
  of(split: SplitName, index: number): KeptSample | undefined;
  /** Donors that have, or had, an image of the dataset. */
  readonly related: readonly Donor[];
}

/**
 * Looks for images of equal identity.
 * @param donors the first one that has an image gives it
 */
export function findKept(
  identities: Readonly<Record<SplitName, BigUint64Array>>,
  donors: readonly Donor[],
  sampleBytes: number,
): Kept {
  if (donors.length === 0) return { of: () => undefined, related: [] };
  const all = concatenated(splitNames.map((name) => identities[name]));
  const table = new IdentityTable(all);
  const parts = donors.flatMap((donor) => splitNames.map((name) => ({ donor, split: donor.splits[name] })));
  // Of each image the part that has it, -1 for none, and its number there.
  const partOf = new Int32Array(all.length).fill(-1);
  const indexIn = new Uint32Array(all.length);
  const related = new Set<Donor>();
  for (const [part, { donor, split }] of parts.entries()) {
    const halves = halvesOf(split.identities);
    for (let i = 0; i < split.identities.length; i++) {
      const image = table.find(halves[2 * i]!, halves[2 * i + 1]!);
      if (image === -1) continue;
      related.add(donor);
      if (partOf[image] !== -1 || split.there?.[i] === 0) continue;
      partOf[image] = part;
      indexIn[image] = i;
    }
  }
  const wanted = halvesOf(all);
  const first = { train: 0, validation: identities.train.length, test: 0 };
  first.test = first.validation + identities.validation.length;
  return {
    of: (split, index) => {
      const row = first[split] + index;
      const image = table.find(wanted[2 * row]!, wanted[2 * row + 1]!);
      const part = parts[partOf[image]!];
      if (part === undefined) return undefined;
      const { position, checksums, remarks } = part.split;
      const at = indexIn[image]!;
      return {
        file: part.donor.file,
        position: position + at * sampleBytes,
        checksum: checksums[at]!,
        remarks: remarks[at]!,
      };
    },
    related: [...related],
  };
}

function concatenated(parts: readonly BigUint64Array[]): BigUint64Array {
  const all = new BigUint64Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
