import { createHash } from 'node:crypto';
import type { DataConfig } from '../../config/schema.js';
import { splitNames } from '../dataset.js';
import { sharpVersion } from '../images/sharp.js';
import type { Source } from '../source.js';
import type { ImageStamps } from './image-identities.js';

/** Version of the packed file's layout and of the conversion from image to sample. A change of either raises it. */
export const packedFormat = 5;

/** The settings that decide the packed bytes. `normalize` is not among them: it is applied later. */
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

/** What decides the sample of a given image. Datasets with the same recipe can share samples. */
export function recipeOf(source: Source, settings: PackSettings): string {
  // These two decide which images are left out, but not an image's sample.
  const { skipBadImages: _, maxImageMemory: __, ...sampleSettings } = settings;
  return JSON.stringify([packedFormat, sampleSettings, `sharp ${sharpVersion()}`, source.encoding]);
}

/**
 * SHA-256 (hex) of all that the packed dataset is made from: the recipe, the classes, and each image's name, label and stamp.
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
