import { createHash } from 'node:crypto';
import type { DataConfig } from '../../config/schema.js';
import { splitNames } from '../dataset.js';
import { sharpVersion } from '../images/sharp.js';
import type { Source } from '../source.js';
import type { ImageStamps } from './image-identities.js';

/** Of the packed file's layout and of the way from an image to its sample; a change of either makes a new one. */
export const packedFormat = 4;

/** What decides the packed bytes. `normalize` is not in it: it is applied later. */
export interface PackSettings {
  readonly features: Omit<DataConfig['features'], 'normalize'>;
  readonly maxPixels: number;
  readonly maxImageMemory: number;
  readonly background: DataConfig['background'];
  readonly skipBadImages: boolean;
}

export function packSettings(config: DataConfig): PackSettings {
  const { normalize: _, ...features } = { normalize: undefined, ...config.features };
  const { maxPixels, maxImageMemory, background, skipBadImages } = config;
  return { features, maxPixels, maxImageMemory, background, skipBadImages };
}

/** What decides an image's sample, beside the image: two datasets of one recipe may share samples. */
export function recipeOf(source: Source, settings: PackSettings): string {
  // These decide which images are left out, not what is made of one.
  const { skipBadImages: _, maxImageMemory: __, ...own } = settings;
  return JSON.stringify([packedFormat, own, `sharp ${sharpVersion()}`, source.encoding]);
}

/**
 * SHA-256 (hex) of everything that the packed dataset is made from: the recipe, classes, and each image's name, label and
 * stamps.
 */
export function datasetKey(source: Source, stamps: ImageStamps, settings: PackSettings): string {
  const hash = createHash('sha256');
  hash.update(
    JSON.stringify([
      recipeOf(source, settings),
      settings.skipBadImages,
      settings.maxImageMemory,
      source.classes,
    ]),
  );
  for (const name of splitNames) {
    const { labels, nameOf } = source.splits[name];
    const names = Array.from(labels, (_, i) => nameOf(i));
    hash
      .update(`\0${name} ${labels.length}\0${names.join('\0')}\0`)
      .update(labels)
      .update(stamps[name]);
  }
  return hash.digest('hex');
}
