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

/** What drew a folder of drawn pictures: a `GenerateConfig` as JSON. */
export const recordFile = 'drawn.json';

export const isSystemName = (name: string): boolean =>
  name.startsWith('.') || systemNames.has(name.toLowerCase());
