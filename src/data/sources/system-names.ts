/**
 * Names that systems and programs make beside a user's files: thumbnails, waste bins, what macOS packs into zip files. Whatever they
 * hold is never part of a dataset. Names that begin with a dot are hidden everywhere.
 */
const systemNames: ReadonlySet<string> = new Set([
  '__macosx',
  '@eadir',
  '#recycle',
  '@recycle',
  '$recycle.bin',
  'system volume information',
  'lost+found',
  'thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  '__pycache__',
]);

export const isSystemName = (name: string): boolean =>
  name.startsWith('.') || systemNames.has(name.toLowerCase());
