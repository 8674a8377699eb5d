import { perSplit, type SplitName } from '../dataset.js';
import { reasonWithNear } from '../near-path.js';
import type { PixelMoments } from '../pixel-sums.js';
import { type ClassReport, classesOf, imbalanceOf } from './classes.js';
import { type DuplicateReport, duplicatesOf } from './duplicates.js';
import type { Findings } from './findings.js';
import { type FormatReport, formatsOf, type Misnamed, misnamedIn } from './formats.js';
import { type ImageReference, type Listed, Listing, referenceTo } from './references.js';
import { type SizeReport, sizesOf } from './sizes.js';
import { warningsOf } from './warnings.js';

/** What an inspection tells, as JSON. Images that are broken count as images of their split and class, and nowhere else. */
export interface Inspection {
  readonly dir: string;
  /** What was decided for the user: the form that was recognised, splits that were taken off train, files ignored. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly splits: Readonly<Record<SplitName, SplitReport>>;
  /** In label order. */
  readonly classes: readonly ClassReport[];
  /** Training images of the largest class by those of the smallest that has any. */
  readonly imbalance: number;
  /** The commonest first. */
  readonly formats: readonly FormatReport[];
  /** Files whose name says another format. */
  readonly misnamed: Listed<Misnamed>;
  /** Images that are turned or mirrored by their EXIF orientation. */
  readonly turned: number;
  /** Images with more than one frame or page. */
  readonly severalFrames: number;
  /** Of the images' files, or of their bytes where a file holds many; null without a good image. */
  readonly bytes: { readonly total: number; readonly smallest: number; readonly largest: number } | null;
  readonly sizes: SizeReport | null;
  readonly broken: Listed<BrokenReport>;
  readonly duplicates: DuplicateReport;
  /** Of the channels R, G and B, over all pixels of a split's images at their own sizes; null without a good image. */
  readonly pixels: Readonly<Record<SplitName, PixelMoments | null>>;
}

export interface SplitReport {
  readonly images: number;
  readonly broken: number;
  /** Those with an image. */
  readonly classes: number;
}

export interface BrokenReport extends ImageReference {
  readonly reason: string;
}

/** @param most of each list that may be long: its first entries, while the numbers count all */
export function reportOf(findings: Findings, most: number): Inspection {
  const { images, counts, bytes } = findings;
  const { source } = images;
  const broken = new Listing<BrokenReport>(most);
  const brokenIn = perSplit(() => 0);
  for (const { image, reason } of findings.broken) {
    broken.add(() => {
      const reference = referenceTo(images, image);
      return { ...reference, reason: reasonWithNear(source.dir, reference.image, reason) };
    });
    brokenIn[images.placeOf(image).split]++;
  }
  const classes = classesOf(source);
  const facts = {
    dir: source.dir,
    notes: source.notes,
    splits: perSplit((split) => ({
      images: source.splits[split].labels.length,
      broken: brokenIn[split],
      classes: classes.filter((each) => each[split] > 0).length,
    })),
    classes,
    imbalance: imbalanceOf(classes),
    formats: formatsOf(findings),
    misnamed: misnamedIn(findings, most),
    turned: counts.turned,
    severalFrames: counts.severalFrames,
    bytes: counts.good === 0 ? null : bytes,
    sizes: sizesOf(findings),
    broken: broken.listed,
    duplicates: duplicatesOf(findings, most),
    pixels: perSplit((split) => findings.pixels[split].moments() ?? null),
  };
  return { ...facts, warnings: [...warningsOf(facts), ...findings.remarkWarnings(most)] };
}
