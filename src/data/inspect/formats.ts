import { extensionOf } from '../sources/image-files.js';
import type { Findings } from './findings.js';
import { type ImageReference, type Listed, Listing, referenceTo } from './references.js';
import type { ImageKind } from './tasks.js';

/** The number of good images of one kind. */
export interface FormatReport extends ImageKind {
  readonly images: number;
}

export interface Misnamed extends ImageReference {
  /** Its actual format. */
  readonly format: string;
}

/** File extensions by format. */
const extensions: Readonly<Record<string, readonly string[]>> = {
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  png: ['png'],
  webp: ['webp'],
  gif: ['gif'],
  avif: ['avif'],
  heic: ['heic', 'heif'],
  tiff: ['tif', 'tiff'],
  svg: ['svg'],
};

const formatsByExtension = new Map(
  Object.entries(extensions).flatMap(([format, names]) => names.map((name) => [name, format] as const)),
);

/** Formats, the most common first. */
export function formatsOf(findings: Findings): FormatReport[] {
  const counts = new Uint32Array(findings.kinds.length);
  findings.kindOf.forEach((kind, image) => {
    if (findings.isGood(image)) counts[kind]!++;
  });
  // Kinds are numbered in the order in which threads meet them, so ties are broken by the format itself.
  const key = (format: FormatReport) => JSON.stringify(format);
  return findings.kinds
    .map((kind, i) => ({ ...kind, images: counts[i]! }))
    .sort((a, b) => b.images - a.images || (key(a) < key(b) ? -1 : 1));
}

/** Good files whose extension belongs to another format. Unknown or missing extensions are accepted. */
export function misnamedIn(findings: Findings, most: number): Listed<Misnamed> {
  const { images, kinds, kindOf } = findings;
  const listing = new Listing<Misnamed>(most);
  if (images.source.encoding.type !== 'file') return listing.listed;
  for (let image = 0; image < images.count; image++) {
    if (!findings.isGood(image)) continue;
    const { format } = kinds[kindOf[image]!]!;
    const named = formatsByExtension.get(extensionOf(images.nameOf(image)).toLowerCase());
    if (named !== undefined && named !== format) {
      listing.add(() => ({ ...referenceTo(images, image), format }));
    }
  }
  return listing.listed;
}
