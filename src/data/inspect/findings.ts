import { perSplit, splitNames } from '../dataset.js';
import { PixelSums } from '../pixel-sums.js';
import { remarkWarnings } from '../remarks.js';
import type { AllImages, Place } from './all-images.js';
import type { GoodLook, ImageKind, InspectResult } from './tasks.js';

/** Bytes kept of a hash: enough that different images never share them by chance. */
export const hashBytes = 16;

interface BrokenImage {
  /** Its number in `AllImages`. */
  readonly image: number;
  readonly reason: string;
}

/** The results for every image, in 33 bytes each, since there may be millions. */
export class Findings {
  readonly images: AllImages;
  /** Pixels, `[images]`; 0 for bad images. */
  readonly widths: Uint32Array;
  readonly heights: Uint32Array;
  /** `[images, hashBytes]` */
  readonly hashes: Buffer;
  /** Index in `kinds`, `[images]`. */
  readonly kindOf: Uint32Array;
  readonly kinds: ImageKind[] = [];
  /** Bit sets of `remarks`, `[images]`. */
  readonly remarks: Uint8Array;
  /** `GoodLook.color`, `[images]`. */
  readonly colors: Uint32Array;
  /** Ascending. */
  readonly broken: BrokenImage[] = [];
  /** Numbers of good images. */
  readonly counts = { good: 0, turned: 0, severalFrames: 0 };
  readonly bytes = { total: 0, smallest: Number.POSITIVE_INFINITY, largest: 0 };
  readonly pixels = perSplit(() => new PixelSums());
  readonly #kindNumbers = new Map<string, number>();

  constructor(images: AllImages) {
    this.images = images;
    this.widths = new Uint32Array(images.count);
    this.heights = new Uint32Array(images.count);
    this.hashes = Buffer.alloc(images.count * hashBytes);
    this.kindOf = new Uint32Array(images.count);
    this.remarks = new Uint8Array(images.count);
    this.colors = new Uint32Array(images.count);
  }

  isGood(image: number): boolean {
    return this.widths[image]! > 0;
  }

  /** Adds the results of consecutive images of a split, from `first` on. Bad images are added by `addBroken`. */
  add(first: Place, { looks, sums }: InspectResult): void {
    const number = this.images.numberOf(first);
    for (const [i, look] of looks.entries()) if (!('reason' in look)) this.#addGood(number + i, look);
    this.pixels[first.split].add(sums);
  }

  addBroken(place: Place, reason: string): void {
    this.broken.push({ image: this.images.numberOf(place), reason });
  }

  /** The warnings of `remarkWarnings` for these images. */
  remarkWarnings(most?: number): string[] {
    const { source } = this.images;
    const [train, ...others] = splitNames.map((split) => {
      const first = this.images.numberOf({ split, index: 0 });
      const { labels, nameOf } = source.splits[split];
      const end = first + labels.length;
      const colors = this.colors.subarray(first, end);
      return { remarks: this.remarks.subarray(first, end), nameOf, labels, colors };
    });
    return remarkWarnings(train!, others, source.classes, most);
  }

  #addGood(image: number, look: GoodLook): void {
    this.widths[image] = look.width;
    this.heights[image] = look.height;
    this.hashes.write(look.hash, image * hashBytes, 'hex');
    this.kindOf[image] = this.#numberOf(look.kind);
    this.remarks[image] = look.remarks;
    this.colors[image] = look.color;
    this.counts.good++;
    if (look.turned) this.counts.turned++;
    if (look.frames > 1) this.counts.severalFrames++;
    this.bytes.total += look.bytes;
    this.bytes.smallest = Math.min(this.bytes.smallest, look.bytes);
    this.bytes.largest = Math.max(this.bytes.largest, look.bytes);
  }

  #numberOf(kind: ImageKind): number {
    const key = JSON.stringify(kind);
    const known = this.#kindNumbers.get(key);
    if (known !== undefined) return known;
    this.#kindNumbers.set(key, this.kinds.length);
    return this.kinds.push(kind) - 1;
  }
}
