import type { DataInput, PixelsFeatures } from '../config/input.js';
import type { Dataset } from './dataset.js';

export interface FolderOptions extends Omit<DataInput, 'dir' | 'features' | 'generate'> {
  /** Pixels that each image is brought to; left out, the config that is trained says it. */
  size?: number | readonly [height: number, width: number];
  /** How pixels are normalized; `mean` unless it is given. Only with a size. */
  normalize?: NonNullable<PixelsFeatures['normalize']>;
}

/**
 * Images in a folder: a folder for each class, lists, CSV, CIFAR, IDX or tar files; whatever `lockstep train --data` reads (docs/data.md).
 * Looks through the folder; images are decoded by `fit`.
 * @throws UserError where the folder holds no dataset
 */
export async function imageFolder(
  dir: string,
  { size, normalize, ...options }: FolderOptions = {},
): Promise<Dataset> {
  const [height, width] = typeof size === 'number' ? [size, size] : (size ?? []);
  const features = {
    type: 'pixels',
    width: width!,
    height: height!,
    ...(normalize && { normalize }),
  } as const;
  const config = { dir, ...options, ...(size !== undefined && { features }) };
  const { lookInto } = await import('./look-into.js');
  return lookInto(config);
}
