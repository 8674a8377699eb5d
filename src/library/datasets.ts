import type { DataInput, PixelsFeatures } from '../config/input.js';
import type { Dataset } from './dataset.js';
import { pathOf } from './path.js';
import { type ImageSize, sidesOf } from './size.js';

export interface FolderOptions extends Omit<DataInput, 'dir' | 'features' | 'generate'> {
  /** Pixels that each image is brought to; left out, the config that is trained says it. */
  size?: ImageSize;
  /** How pixels are normalized; `mean` unless it is given. Only with a size. */
  normalize?: NonNullable<PixelsFeatures['normalize']>;
}

/**
 * Images in a folder: a folder for each class, lists, CSV, CIFAR, IDX or tar files; whatever `lockstep train --data` reads (docs/data.md).
 * Looks through the folder; images are decoded by `fit`.
 * @throws UserError where the folder holds no dataset
 */
export async function imageFolder(
  dir: string | URL,
  { size, normalize, ...options }: FolderOptions = {},
): Promise<Dataset> {
  const config = { dir: pathOf(dir, 'imageFolder', 'dir'), ...options };
  const { lookInto } = await import('./look-into.js');
  if (size === undefined) return lookInto(config);
  const [height, width] = sidesOf(size);
  return lookInto({
    ...config,
    features: { type: 'pixels', width, height, ...(normalize && { normalize }) },
  });
}
