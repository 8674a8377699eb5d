import { counted } from '../faults.js';

/** What sharp reads, without the drawings (svg). */
const imageExtensions: ReadonlySet<string> = new Set(
  'jpg jpeg jpe jfif png webp gif avif tif tiff'.split(' '),
);

/** For messages. */
export const imageExtensionList = [...imageExtensions].join(', ');

/** Without the dot, in any letter case. */
export function isImageExtension(extension: string): boolean {
  return imageExtensions.has(extension) || imageExtensions.has(extension.toLowerCase());
}

/** What follows the last dot of a file's name; '' where there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** As many kinds are named. */
const shownKinds = 5;

/** Counts files that are no images, by their extensions. */
export class Ignored {
  readonly #counts = new Map<string, number>();

  addFile(name: string): void {
    const extension = extensionOf(name).toLowerCase();
    this.add(extension === '' ? 'no extension' : `.${extension}`);
  }

  add(kind: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  /** One sentence, or none where there were no such files. */
  get notes(): string[] {
    const kinds = [...this.#counts].sort(([, a], [, b]) => b - a);
    if (kinds.length === 0) return [];
    const shown = kinds.slice(0, shownKinds).map(([kind, count]) => `${counted(count, 'file')} (${kind})`);
    if (kinds.length > shownKinds) shown.push(`${kinds.length - shownKinds} other kinds`);
    return [`ignored: ${shown.join(', ')}`];
  }
}
