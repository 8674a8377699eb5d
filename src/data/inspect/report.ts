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

/** The report of an inspection, as JSON. Broken images count only in the totals of their split and class. */
export interface Inspection {
  readonly dir: string;
  /** As in `Source`. */
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  readonly splits: Readonly<Record<SplitName, SplitReport>>;
  /** In label order. */
  readonly classes: readonly ClassReport[];
  /** Training images of the largest class, divided by those of the smallest class that has any. */
  readonly imbalance: number;
  /** The most common first. */
  readonly formats: readonly FormatReport[];
  /** Files whose extension belongs to another format. */
  readonly misnamed: Listed<Misnamed>;
  /** Images that are turned or mirrored by their EXIF orientation. */
  readonly turned: number;
  /** Images with more than one frame or page. */
  readonly severalFrames: number;
  /** Sizes of the good images' files, or of their parts where a file holds many; null without a good image. */
  readonly bytes: { readonly total: number; readonly smallest: number; readonly largest: number } | null;
  readonly sizes: SizeReport | null;
  readonly broken: Listed<BrokenReport>;
  readonly duplicates: DuplicateReport;
  /** For R, G and B, over all pixels of a split's images at their own sizes; null without a good image. */
  readonly pixels: Readonly<Record<SplitName, PixelMoments | null>>;
}

export interface SplitReport {
  readonly images: number;
  readonly broken: number;
  /** Classes that have an image. */
  readonly classes: number;
}

export interface BrokenReport extends ImageReference {
  readonly reason: string;
}

/** @param most entries kept of each list that may be long; counts include all */
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
