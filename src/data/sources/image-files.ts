import { counted } from '../faults.js';

/** Formats that sharp reads, except SVG. */
const imageExtensions: ReadonlySet<string> = new Set(
  'jpg jpeg jpe jfif png webp gif avif tif tiff'.split(' '),
);

/** For messages. */
export const imageExtensionList = [...imageExtensions].join(', ');

/** @param extension without the dot, in any letter case */
export function isImageExtension(extension: string): boolean {
  return imageExtensions.has(extension) || imageExtensions.has(extension.toLowerCase());
}

/** The part of a file's name after the last dot; '' where there is no dot. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** How many kinds a note names. */
const shownKinds = 5;

/** Counts ignored files by kind, mostly by extension. */
export class Ignored {
  readonly #counts = new Map<string, number>();

  addFile(name: string): void {
    const extension = extensionOf(name).toLowerCase();
    this.add(extension === '' ? 'no extension' : `.${extension}`);
  }

  add(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** One sentence; none where no files were ignored. */
  get notes(): string[] {
    const kinds = [...this.#counts].sort(([, a], [, b]) => b - a);
    if (kinds.length === 0) return [];
    const shown = kinds.slice(0, shownKinds).map(([kind, count]) => `${counted(count, 'file')} (${kind})`);
    if (kinds.length > shownKinds) shown.push(`${kinds.length - shownKinds} other kinds`);
    return [`ignored: ${shown.join(', ')}`];
  }
}
