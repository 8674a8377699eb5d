import { dataError } from '../../data/faults.js';
import { Budget, LookAtAlone } from '../../data/images/budget.js';
import { decodeImage, type ImageEncoding, type ImageLimits } from '../../data/images/decode.js';
import { reasonOf } from '../../data/images/reasons.js';
import type { Findings } from '../../data/inspect/findings.js';
import { forEachQueued } from '../../data/queue.js';
import { drawSheet, type SheetImage } from './sheet.js';

/** Some training images of each class, to see what a dataset shows. */

/** Pixels of a cell, each way. */
const cell = 64;
/** Images that sharp decodes at once, in threads of its own. */
const atOnce = 4;
/** What an image does not cover of its cell. */
const ground = 236;

export interface ContactSheet {
  readonly png: Buffer;
  /** Classes on it. */
  readonly classes: number;
}

/**
 * A row for each of the first `mostClasses` classes that have a good training image, with at most `perClass` of these, evenly
 * spread over all of the class. Undefined where no class has one.
 * @throws UserError (exit code data) where an image that was good no longer is
 */
export async function drawContactSheet(
  findings: Findings,
  mostClasses: number,
  perClass: number,
  limits: ImageLimits,
): Promise<ContactSheet | undefined> {
  const { source } = findings.images;
  const chosen = goodByClass(findings)
    .map((images, label) => ({ label, images: spread(images, perClass) }))
    .filter(({ images }) => images.length > 0)
    .slice(0, mostClasses);
  if (chosen.length === 0) return undefined;
  const rows = chosen.map(({ label, images }) => ({
    name: source.classes[label]!,
    images: new Array<SheetImage>(images.length),
  }));
  const cells = chosen.flatMap(({ images }, row) => images.map((image, column) => ({ image, row, column })));
  const budget = new Budget();
  const large: (typeof cells)[number][] = [];
  await forEachQueued(cells, atOnce, async (each) => {
    try {
      rows[each.row]!.images[each.column] = await inCell(findings, each.image, limits, budget);
    } catch (error) {
      if (!(error instanceof LookAtAlone)) throw error;
      large.push(each);
    }
  });
  for (const { image, row, column } of large) {
    rows[row]!.images[column] = await inCell(findings, image, limits);
  }
  return { png: await drawSheet(rows), classes: chosen.length };
}

/** Numbers of the good training images, a class each. */
function goodByClass(findings: Findings): number[][] {
  const { classes, splits } = findings.images.source;
  const byClass = classes.map((): number[] => []);
  for (const [image, label] of splits.train.labels.entries()) {
    // Train's images are the first of all.
    if (findings.isGood(image)) byClass[label]!.push(image);
  }
  return byClass;
}

function spread(images: readonly number[], most: number): number[] {
  const count = Math.min(most, images.length);
  return Array.from({ length: count }, (_, i) => images[Math.floor((i * images.length) / count)]!);
}

/** The image in the middle of a cell, its sides in proportion: shrunk, or enlarged by a whole factor. */
async function inCell(
  findings: Findings,
  image: number,
  limits: ImageLimits,
  budget?: Budget,
): Promise<SheetImage> {
  const { source } = findings.images;
  const [width, height] = [findings.widths[image]!, findings.heights[image]!];
  const scale = Math.min(1, cell / Math.max(width, height));
  const [w, h] = [width, height].map((size) => Math.max(1, Math.round(size * scale))) as [number, number];
  const { train } = source.splits;
  // What holds no images is not inspected.
  const encoding = source.encoding as ImageEncoding;
  const decoded = decodeImage(train.bytesOf(image), encoding, w, h, limits, budget);
  const { rgb } = await decoded.catch((error: unknown) => {
    if (budget !== undefined) throw new LookAtAlone();
    throw dataError(
      `${source.dir}/${train.nameOf(image)}: changed since it was inspected: ${reasonOf(error)}`,
      `${source.dir}/${train.nameOf(image)}`,
    );
  });
  const factor = Math.floor(cell / Math.max(w, h));
  const [left, top] = [(cell - w * factor) >> 1, (cell - h * factor) >> 1];
  const into = new Uint8Array(3 * cell * cell).fill(ground);
  for (let y = 0; y < h * factor; y++) {
    for (let x = 0; x < w * factor; x++) {
      const from = 3 * (Math.floor(y / factor) * w + Math.floor(x / factor));
      into.set(rgb.subarray(from, from + 3), 3 * ((top + y) * cell + left + x));
    }
  }
  return { rgb: into, width: cell, height: cell };
}
