/**
 * Files that operating systems and programs add to a user's folders: thumbnails, recycle bins, macOS's entries in zip files. They are never
 * part of a dataset, and neither are hidden files, whose names begin with a dot.
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

/** Records the settings of a folder of drawn pictures: a `GenerateConfig` as JSON. */
export const recordFile = 'drawn.json';

export const isSystemName = (name: string): boolean =>
  name.startsWith('.') || systemNames.has(name.toLowerCase());
